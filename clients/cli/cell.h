/*
 * cell.h -- the number in a cell of text, as a value of a frame.
 *
 * Nothing is rounded or cut: what the model's dtype cannot hold is refused. Of
 * samples an empty cell, nan, and what ffd takes for no number are a value that
 * is missing, where the model takes such.
 */
#ifndef CLI_CELL_H
#define CLI_CELL_H

#include <stddef.h>

#include "clients/c/ffclient.h"
#include "clients/cli/bytes.h"
#include "clients/cli/stream.h"

/* Value i of a frame of this shape; streams is NULL of a model without. -1 with
   why, which does not say where. */
int cell_store(void *frame, size_t i, const char *text,
               const struct ffc_model *shape,
               const struct stream_shape *streams, char why[WHY_MAX]);

#endif

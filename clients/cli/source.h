/*
 * source.h -- where frames come from: one reader a format.
 *
 * A source yields frames as the model wants them (its dtype and number of
 * values), one after another, until the end. It knows nothing of order,
 * limits or the daemon; input.h adds these.
 *
 * Numbers become values so: a byte of an IDX file is the value of a u8 model
 * and value / 255 of an f32 model; a number of a CSV file is taken as it is,
 * and refused where a u8 model cannot hold it.
 */
#ifndef CLI_SOURCE_H
#define CLI_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "clients/c/ffclient.h"
#include "clients/cli/bytes.h"
#include "clients/cli/names.h"

#define COUNT_UNKNOWN SIZE_MAX

struct source {
    /* Write one frame (shape->frame_bytes) and its label's number (-1: none).
       1, 0 at the end, -1 with the sentence in why. */
    int (*next)(struct source *s, void *frame, int *label, char why[WHY_MAX]);
    void (*free)(struct source *s);
    size_t count; /* frames in all, or COUNT_UNKNOWN */
};

/*
 * Owned sources, for s->free(s). shape and names are borrowed for the
 * source's life. NULL with the sentence in why.
 */

/* IDX of bytes; labels may be NULL. */
struct source *idx_open(const char *images, const char *labels,
                        const struct ffc_model *shape, struct names *names,
                        char why[WHY_MAX]);

/* Numbers in lines, apart by comma, semicolon or tab. The label's column
   counts from 1; 0: there is none. A first line that is not numbers is a
   header. */
struct source *csv_open(const char *path, size_t label_column,
                        const struct ffc_model *shape, struct names *names,
                        char why[WHY_MAX]);

/* Frames as they go over the wire; one label for all, or NULL. */
struct source *raw_open(const char *path, const char *label,
                        const struct ffc_model *shape, struct names *names,
                        char why[WHY_MAX]);

#endif

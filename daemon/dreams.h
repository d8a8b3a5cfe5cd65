/*
 * dreams.h -- the answer of `dreams`, made under the baton.
 */
#ifndef FFD_DREAMS_H
#define FFD_DREAMS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"
#include "proto/buf.h"

#define FFD_DREAMS_MAX 1024

/* A whole answer, error or not, to msgid. */
void ffd_dreams_answer(struct ffp_buf *b, uint32_t msgid, struct ff_model *ff,
                       size_t n, uint64_t seed);

#endif

/*
 * source_kit.h -- a source of samples by itself: what it reads for, what it
 * says.
 */
#ifndef FFC_TEST_SOURCE_KIT_H
#define FFC_TEST_SOURCE_KIT_H

#include "clients/cli/source.h"
#include "tests/clients/support.h"

struct source_kit {
    struct names names;
    struct ffc_model shape;
    char why[WHY_MAX];
};

extern struct source_kit kit;
extern const struct stream_shape kit_stream; /* windows of 4, every 2 */

/* Samples of `values` values, f32 or i16. */
void kit_begin(size_t values, bool f32);

/* s may be NULL. */
void kit_end(struct source *s);

/* There is one more; or what its next() says. */
struct mark kit_next(struct source *s, void *frame);
void kit_ends(struct source *s, int with);

#endif

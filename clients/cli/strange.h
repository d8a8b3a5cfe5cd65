/*
 * strange.h -- frames unlike those of an input, to see whether the model
 * notices.
 *
 *   against   the frames of another IDX file
 *   rotate    these, or without another file the input's own, turned by 90
 *             degrees to the left
 *   hybrids   m a + (1 - m) b of two random frames of the input, where m is
 *             1 in large patches: uniform noise, blurred six times by
 *             [1/4 1/2 1/4] both ways, above 1/2. Locally like an image,
 *             as a whole like none.
 */
#ifndef CLI_STRANGE_H
#define CLI_STRANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/cli/input.h"
#include "clients/cli/rng.h"

struct strange_options {
    const char *against; /* borrowed path, or NULL */
    bool rotate, hybrids;
};

struct strange {
    struct strange_options o;
    const struct ffc_model *shape; /* borrowed */
    struct input *own;             /* borrowed, loaded unless against */
    struct input *other;           /* owned, of against */
    size_t at, n;                  /* n: how many, as many as the input */
    struct rng rng;
    uint8_t *frame;      /* (frame_bytes) */
    float *mask, *spare; /* (height, width) */
};

/* Whether any is asked for; whether they need the input in memory. */
bool strange_wanted(const struct strange_options *o);
bool strange_needs_own(const struct strange_options *o);

/* n frames at most; -1 with the sentence in why. Release in either case. */
int strange_init(struct strange *s, const struct strange_options *o,
                 struct input *own, const struct ffc_model *shape, size_t n,
                 uint64_t seed, char why[WHY_MAX]);
void strange_release(struct strange *s);

/* As input_next. */
int strange_next(struct strange *s, struct input_frame *out, char why[WHY_MAX]);

/* H by H pixels of `bytes` each, turned to the left; to overlaps not. */
void strange_rotate(uint8_t *to, const uint8_t *from, size_t H, size_t bytes);

/* A mask of 0 and 1, (H, W); spare has the same size. */
void strange_mask(float *mask, float *spare, size_t H, size_t W,
                  struct rng *rng);

#endif

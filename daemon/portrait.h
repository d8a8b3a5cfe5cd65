/*
 * portrait.h -- a model to be looked at: goodness, answers, pictures, dreams.
 *
 * Made on the pool with the baton, as JSON (http/README.md); the loop keeps the
 * newest. Asking for it is what makes the next, at most one a second and only
 * when something happened since, so a model that nobody looks at pays nothing.
 * Who asks gets the newest there is, at once: while the baton is out for long
 * that may be old, and says its time. One with pictures is not given any more
 * once the configuration wants none.
 */
#ifndef FFD_PORTRAIT_H
#define FFD_PORTRAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ff.h"
#include "proto/buf.h"

struct ffd_model;

struct ffd_portrait {
    struct ffp_buf text; /* JSON; empty before the first */
    bool asked;          /* one is under way */
    bool pictures;       /* the one under way, or else text, has them */
    bool shows;          /* text has them */
    uint64_t made_ms, record;
};

/* On the pool: JSON of the model into out, which fails without memory. */
void ffd_portrait_make(struct ffp_buf *out, struct ff_model *ff,
                       const char *name, bool pictures, uint64_t seed);

/* It is home, in m->work.reply. */
void ffd_portrait_home(struct ffd_model *m);

/* Append the newest to out, and ask for the next. */
void ffd_portrait_json(struct ffd_model *m, struct ffp_buf *out);

/* Something that it may show is to be forgotten. */
void ffd_portrait_forget(struct ffd_model *m);

#endif

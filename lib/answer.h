/*
 * answer.h -- what a pass says of its frames' labels.
 *
 * n frames, K classes, L layers. Two steps: whoever is asked (the goodness of
 * the layers, or a read-out of their features) gives logits; softmax over the
 * classes that exist makes probabilities of them, at the temperature that was
 * calibrated.
 */
#ifndef FF_ANSWER_H
#define FF_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/ff.h"

struct ff_fit;
struct ff_model;
struct ff_pass;

/* Room for B answers. */
struct ff_opinion {
    enum ff_answer_kind by; /* who was asked */
    uint8_t *live;          /* (K) classes that it knows of */
    float *features;        /* (B, F), or NULL: nobody looks at them */
    float *logits;          /* (B, K) */
    float *room;            /* (F + K) of the online read-out */
    float *goodness;        /* (B, L, K) by class where the layers judge
                               classes, else (B, L, 1) */
};

void ff_opinion_carve(struct ff_opinion *o, struct ff_arena *a,
                      const struct ff_model *m, size_t B);

/*
 * Ask about the first n rows of a pass that was made with params. live (K):
 * classes that may be answered. layers: their goodness is wanted even if a
 * read-out answers; it may cost a pass a class. May use the pass up.
 */
void ff_opinion_form(struct ff_opinion *o, const struct ff_model *m,
                     struct ff_pass *p, const float *params,
                     const struct ff_fit *fit, const uint8_t *live, bool layers,
                     size_t n);

/* What logits are multiplied by: temperature is the specification's, of
   goodness. */
float ff_opinion_temperature(const struct ff_opinion *o, float temperature,
                             const struct ff_fit *fit);

/* The most probable of the classes it knows of for frame i, -1 if none is; its
   probability in *confidence. */
int ff_opinion_label(const struct ff_opinion *o, const struct ff_model *m,
                     float T, size_t i, float *confidence);

/* The online read-out, where there is one, learns n frames from the features
   of the last opinion: classes (n), -1 to leave one out; live (K) as above. */
void ff_opinion_learn(struct ff_opinion *o, struct ff_model *m,
                      const int *classes, const uint8_t *live, size_t n);

/* Columns of row i in the caller's answers. */
void ff_opinion_tell(const struct ff_opinion *o, const struct ff_model *m,
                     float T, size_t i, struct ff_answers *out);

#endif

/*
 * predict.h -- a model's questions, answered beside its learning.
 *
 * Questions that wait are answered together: one item on the pool for each
 * model takes up to 64 frames of as many requests, asks the newest published
 * view, and never waits for the baton. Frames are copied, looked at for NaN,
 * and answers encoded, in the item; the loop only hands over bytes. A frame of
 * nil is the newest of a stream, which the model itself holds: such a question
 * waits until the baton is home, and is then one like others.
 *
 * An item also writes the next symbols of one generate (generate.h), so few
 * that questions hardly wait for them.
 */
#ifndef FFD_PREDICT_H
#define FFD_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "lib/ff.h"

#define FFD_PREDICT_MAX 64

struct ffd_call;
struct ffd_model;

struct ffd_predictor {
    uv_work_t req; /* data: the model */
    bool busy;
    struct ff_scratch *scratch; /* owned */
    uint8_t *frames;            /* (64, row) owned, aligned */
    size_t row_bytes;
    const void *frame[FFD_PREDICT_MAX];
    int label[FFD_PREDICT_MAX];
    float confidence[FFD_PREDICT_MAX], novelty[FFD_PREDICT_MAX];
    float typicality[FFD_PREDICT_MAX];
    float *scores;         /* (64, K) owned */
    float *goodness;       /* (64, L) owned */
    float *class_goodness; /* (64, L, K) owned; filled when asked for */
    size_t answered;       /* rows of these that the item filled */

    /* What is out: frames of calls, in order. */
    struct ffd_call *writer; /* of the next symbols; or NULL. Owned meanwhile */
    size_t segments;
    struct ffd_segment {
        struct ffd_call *call; /* owned meanwhile */
        size_t first, n;       /* frames of the call */
        bool bad;              /* answered: not finite */
    } segment[FFD_PREDICT_MAX];
};

/* -1: no memory. */
int ffd_predictor_init(struct ffd_predictor *p, const struct ff_model *ff);
void ffd_predictor_release(struct ffd_predictor *p);

/* A question, checked against the model; moved. */
void ffd_predict_ask(struct ffd_model *m, struct ffd_call *call);

/* The baton is home: what is asked about streams as they are now can be
   looked up. */
void ffd_predict_home(struct ffd_model *m);

/* Other weights are in its place: what has part of an answer by those before,
   or was made of their classes, is refused. Not while an item is out. */
void ffd_predict_replaced(struct ffd_model *m);

/* Send out an item if questions wait and none is out. */
void ffd_predict_pump(struct ffd_model *m);

/* A view was published: those that waited for it may be answered. */
void ffd_predict_published(struct ffd_model *m);

#endif

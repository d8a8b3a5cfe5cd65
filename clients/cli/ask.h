/*
 * ask.h -- a stream of frames to the model, and its answers in order.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include "clients/cli/cli.h"
#include "clients/cli/window.h"

struct ask {
    /* set before, borrowed */
    const struct ffc_model *shape;
    size_t batch;     /* 0: ours to choose */
    bool detail;      /* class_goodness too; one frame a request */
    const char *what; /* on the progress line; NULL: none */
    size_t total;
    /* the next frame, as input_next */
    int (*next)(void *from, struct input_frame *out, char why[WHY_MAX]);
    void *from;
    /* one answer: row i of a */
    void (*answer)(void *to, const struct window_batch *b, size_t i,
                   const struct ffc_answers *a);
    void *to;

    /* read-only, after */
    size_t frames;
    double seconds;
    uint64_t step; /* of the weights that answered last */

    struct progress *progress; /* private */
};

/* Ask until the frames end or Ctrl-C comes; an exit code, told. */
int ask_all(struct cli *cli, struct ask *k);

/* Next of a struct input, as ask wants it. */
int ask_input(void *from, struct input_frame *out, char why[WHY_MAX]);

#endif

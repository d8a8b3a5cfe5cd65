/*
 * observe.h -- samples of streams to a model that only looks at them, and what
 * it says of each window that they complete.
 *
 * The streams are called "ffctl PID KEY" (of a key too long for that, by its
 * hash), so that those which the model learns from go on undisturbed, and no
 * run lands in a window that another left half full; what was known of a key
 * (its mean and deviation) is therefore not used. Each recording ends where the
 * input does.
 */
#ifndef CLI_OBSERVE_H
#define CLI_OBSERVE_H

#include "clients/cli/ask.h"
#include "clients/cli/model_input.h"

/* As ask_all, of windows: next, from and shape of k are not looked at, m has an
   input. A batch given to `answer` is one window, the number of its last
   sample, its label, and for its key the file that it is of or the key. */
int observe_all(struct cli *cli, struct ask *k, struct model_input *m);

#endif

/*
 * model_input.h -- what the verbs that take frames begin with: what the model
 * takes in, and an input of such frames.
 */
#ifndef CLI_MODEL_INPUT_H
#define CLI_MODEL_INPUT_H

#include "clients/cli/cli.h"
#include "clients/cli/input.h"

struct model_input {
    struct ffc_model shape;
    bool samples; /* of streams, of this shape: */
    struct stream_shape stream;
    struct input *in; /* owned */
};

/* Ask what the model takes. EXIT_DONE, or an exit code, told. */
int model_input_find(struct cli *cli, struct model_input *m);

/* Then open the input; likewise. Release in either case. */
int model_input_open(struct model_input *m, const struct input_options *o);
void model_input_release(struct model_input *m);

#endif

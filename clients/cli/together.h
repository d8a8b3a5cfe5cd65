/*
 * together.h -- which options of an input go with which: what would be passed
 * over is a mistake, and its sentence names the mend.
 */
#ifndef CLI_TOGETHER_H
#define CLI_TOGETHER_H

#include "clients/cli/args.h"

/* At the end of the words; a mistake goes to a->why. */
void together_check(struct args *a, const struct input_options *o);

#endif

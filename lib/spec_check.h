/*
 * spec_check.h -- the parts of ff_spec_check, for one another. All leave one
 * sentence in why (FF_WHY_MAX) that begins with the option's name.
 */
#ifndef FF_SPEC_CHECK_H
#define FF_SPEC_CHECK_H

#include "lib/ff.h"

#define FF_INPUTS_MAX ((size_t)1 << 22) /* values of a frame, and passed up */

/* FF_ESPEC and why. */
__attribute__((format(printf, 2, 3))) int
ff_spec_refuse(char *why, const char *format, ...);

/* What comes in, where it is a stream; finds what layers see of it. */
int ff_spec_check_stream(struct ff_spec *s, char *why);
bool ff_spec_same_stream(const struct ff_stream_spec *a,
                         const struct ff_stream_spec *b);

/* Kinds, sizes, how they lie on one another; fills in what was left to choose
   of windows. */
int ff_spec_check_layers(struct ff_spec *s, char *why);

/* What passes take, once batch and all else is known to be in range. */
int ff_spec_check_room(const struct ff_spec *s, char *why);

#endif

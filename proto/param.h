/*
 * param.h -- what each kind of parameter means: a value to its field of the
 * request. Internal to proto; message.c calls it, methods.def names the kinds.
 */
#ifndef FFP_PARAM_H
#define FFP_PARAM_H

#include <msgpack/object.h>

#include "proto/message.h"

/* Read o as a parameter of this kind into r. 0, or -1 and BAD_PARAMS or
   BAD_FRAME with a sentence that begins with the parameter's name. */
int ffp_param_take(enum ffp_param kind, const msgpack_object *o,
                   struct ffp_request *r, struct ffp_error *err);

/* Read o as frames: which form it has, and where its parts are. */
int ffp_frames_read(struct ffp_frames *f, const char *name, bool many,
                    const msgpack_object *o, struct ffp_error *err);

#endif

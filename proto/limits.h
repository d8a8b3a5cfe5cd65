/*
 * limits.h -- how much of everything a peer may have, as constants.
 *
 * The table is limits.def; api_info tells it to clients.
 */
#ifndef FFP_LIMITS_H
#define FFP_LIMITS_H

#define FFP_PROTOCOL   1   /* version of the methods and their meaning */
#define FFP_MODEL_MAX  64  /* bytes of a model's name */
#define FFP_STREAM_MAX 255 /* bytes of a stream's key */

enum ffp_max {
#define FFP_LIMIT(NAME, name, value, help) FFP_MAX_##NAME = (value),
#include "proto/limits.def"
};

#define FFP_GENERATE_MAX 4096 /* symbols of one generate */

#endif

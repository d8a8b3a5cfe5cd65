/*
 * stream.h -- what a model makes of samples, as its status tells.
 */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "clients/c/ffclient.h"

#define STREAM_KEY_MAX 255 /* bytes of the name of a stream */

struct stream_shape {
    bool symbols;    /* each sample is a symbol and its own label */
    size_t length;   /* samples of a window, after decimation; of symbols those
                        before the next that are looked at */
    size_t stride;   /* of these, from one window to the next; 0: a window for
                        each recording */
    size_t decimate; /* samples that count as one */
    size_t rate;     /* values of sound a second; 0: no sound */
    bool whole;      /* a value that is missing is refused (missing: reject) */
    bool rejects;    /* samples that come too fast are refused (BUSY) */

    /* as of now */
    double bits;      /* that each symbol held of late; NaN: not known */
    size_t anomalies; /* alarms raised so far */
};

/* 1, 0 where the model has no streams, or an ffc_status. */
int stream_find(struct ffc *c, const char *model, struct stream_shape *out);

#endif

/*
 * votes.h -- when the samples of a stream complete a window, and what its label
 * is: as ffd does it (front.h), so that answers can be compared.
 *
 * A window has the label that most of its samples have, of those that have one,
 * the newest such if there are several. Of samples that count as one together
 * it is the last one's.
 */
#ifndef CLI_VOTES_H
#define CLI_VOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/cli/stream.h"

struct votes {
    size_t length, stride, decimate;
    int *ring;     /* (length) labels of the newest samples; -1: none */
    uint64_t n;    /* samples since the stream began, after decimation */
    size_t due;    /* of these until the next window */
    size_t fresh;  /* of these that are in no window yet */
    size_t summed; /* samples of the one under way */
};

void votes_init(struct votes *v, const struct stream_shape *s);
void votes_release(struct votes *v);

/* One more sample: whether it completes a window, whose label is in *winner
   then (-1: none). The end does, whatever the stride, if there are samples that
   are in no window yet. */
bool votes_add(struct votes *v, int label, bool end, int *winner);

#endif

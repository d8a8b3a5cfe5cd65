/*
 * metrics.h -- all numbers in the text format of Prometheus, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/).
 *
 * Base units: seconds, bytes, ratios of 1. What a model counts since it was
 * made, in other lives of the daemon too, is a gauge: a rollback takes it back.
 * What is counted since the start is a counter.
 */
#ifndef FFD_METRICS_H
#define FFD_METRICS_H

#include "proto/buf.h"

struct ffd_daemon;

/* Append the text; b->failed when there was no memory. */
void ffd_metrics(struct ffp_buf *b, const struct ffd_daemon *d);

#endif

/*
 * samples.h -- streams of two channels, sample by sample.
 */
#ifndef FF_TEST_SAMPLES_H
#define FF_TEST_SAMPLES_H

#include "tests/lib/support.h"

#define CHANNELS    2
#define SAMPLE_KEYS 4

/* Windows of 4 samples, every 2, as they come. */
struct ff_spec stream_spec(void);

/* One sample (a, b) of a key. */
struct ff_learned give(struct ff_model *m, uint64_t key, float a, float b,
                       int class_, uint64_t id, uint8_t flags);

#endif

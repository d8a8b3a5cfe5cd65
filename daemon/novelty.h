/*
 * novelty.h -- which answers are told of as novel, and how often.
 *
 * An answer whose typicality is at or below the model's alarm is strange. A
 * storm of them is one event in 100 ms, of the strangest; those that come
 * between are counted into the next one. There is no timer: what is left over
 * when a storm ends is told with the first strange answer after it.
 *
 * Time is an argument, never read here.
 */
#ifndef FFD_NOVELTY_H
#define FFD_NOVELTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FFD_NOVELTY_MS 100 /* between two events of a model */

/* All zero at first. */
struct ffd_novelty {
    size_t frames;    /* strange ones since the last event */
    float typicality; /* of the strangest of them */
    int label;        /* its answer, or -1 */
    bool told;        /* there was an event, at */
    uint64_t told_ms; /* monotonic clock */
};

/*
 * n answers more. True when an event is due, now, which tells of `frames`,
 * `typicality` and `label`; ffd_novelty_told then begins anew. NaN, where
 * typicality is not known yet, is never strange, nor is anything with an alarm
 * of 0.
 */
bool ffd_novelty_look(struct ffd_novelty *v, float alarm,
                      const float *typicality, const int *label, size_t n,
                      uint64_t now_ms);
void ffd_novelty_told(struct ffd_novelty *v, uint64_t now_ms);

#endif

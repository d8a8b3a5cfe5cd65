/*
 * labels.h -- label strings to classes, first come first bound.
 *
 * Append-only: one thread binds, any thread reads. A name is written before
 * the count that makes it visible, so a reader never sees half of one.
 */
#ifndef FF_LABELS_H
#define FF_LABELS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/ff.h"

struct ff_labels {
    size_t capacity;
    char *names;     /* (capacity, FF_LABEL_MAX + 1), terminated */
    uint8_t *length; /* (capacity) */
    atomic_size_t count;
};

void ff_labels_carve(struct ff_labels *l, struct ff_arena *a, size_t capacity);
int ff_labels_bind(struct ff_labels *l, const char *name, size_t n,
                   int *class_);
int ff_labels_find(const struct ff_labels *l, const char *name, size_t n);
const char *ff_labels_name(const struct ff_labels *l, int class_);
size_t ff_labels_count(const struct ff_labels *l);

#endif

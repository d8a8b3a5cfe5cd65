/*
 * labels.h -- label strings to classes, the lowest free one first.
 *
 * One thread binds, any thread reads beside it. A name is written before the
 * length that makes it visible, and that before the count, so a reader never
 * sees half of one. A length of 0 is a free class: below the count there are
 * some where labels were merged or forgotten, or placed further up.
 *
 * What changes or frees a name (rename, drop) is not for readers beside it.
 *
 * *shown*: learning was given the class. It belongs to whoever learns, not to
 * who binds.
 */
#ifndef FF_LABELS_H
#define FF_LABELS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/ff.h"

struct ff_labels {
    size_t capacity;
    char *names;          /* (capacity, FF_LABEL_MAX + 1), terminated */
    atomic_uchar *length; /* (capacity) 0: free */
    atomic_uchar *shown;  /* (capacity) 1: learning was given it */
    atomic_size_t count;  /* one more than the highest that is not free */
};

void ff_labels_carve(struct ff_labels *l, struct ff_arena *a, size_t capacity);

/* See ff_label_bind and so on in ff.h. */
int ff_labels_bind(struct ff_labels *l, const char *name, size_t n,
                   int *class_);
int ff_labels_place(struct ff_labels *l, int class_, const char *name,
                    size_t n);
int ff_labels_find(const struct ff_labels *l, const char *name, size_t n);
const char *ff_labels_name(const struct ff_labels *l, int class_);
size_t ff_labels_count(const struct ff_labels *l);
size_t ff_labels_room(const struct ff_labels *l);

/* A class that is free is never shown: it has nothing to show. */
void ff_labels_show(struct ff_labels *l, int class_);
bool ff_labels_shown(const struct ff_labels *l, int class_);

/* Another name. FF_ELABEL: the class is free, or the name is no label or that
   of another class which was shown. */
int ff_labels_rename(struct ff_labels *l, int class_, const char *name,
                     size_t n);

/* Free a class, and no byte of its name remains. */
void ff_labels_drop(struct ff_labels *l, int class_);

#endif

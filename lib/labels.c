#include "lib/labels.h"

#include <string.h>

#define NAME_BYTES (FF_LABEL_MAX + 1)

void ff_labels_carve(struct ff_labels *l, struct ff_arena *a, size_t capacity)
{
    l->capacity = capacity;
    l->names = ff_arena_take(a, capacity, NAME_BYTES);
    l->length = ff_arena_take(a, capacity, sizeof *l->length);
    atomic_init(&l->count, 0);
}

size_t ff_labels_count(const struct ff_labels *l)
{
    return atomic_load_explicit(&l->count, memory_order_acquire);
}

const char *ff_labels_name(const struct ff_labels *l, int class_)
{
    return l->names + (size_t)class_ * NAME_BYTES;
}

int ff_labels_find(const struct ff_labels *l, const char *name, size_t n)
{
    size_t count = ff_labels_count(l);
    for (size_t k = 0; k < count; k++)
        if (l->length[k] == n &&
            memcmp(l->names + k * NAME_BYTES, name, n) == 0)
            return (int)k;
    return -1;
}

int ff_labels_bind(struct ff_labels *l, const char *name, size_t n, int *class_)
{
    if (n == 0 || n > FF_LABEL_MAX || memchr(name, 0, n))
        return FF_ELABEL;
    *class_ = ff_labels_find(l, name, n);
    if (*class_ >= 0)
        return 0;
    size_t count = ff_labels_count(l);
    if (count == l->capacity)
        return FF_EFULL;
    memcpy(l->names + count * NAME_BYTES, name, n);
    l->length[count] = (uint8_t)n;
    atomic_store_explicit(&l->count, count + 1, memory_order_release);
    *class_ = (int)count;
    return 0;
}

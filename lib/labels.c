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

/* Bytes of the UTF-8 character that begins s (n bytes left); 0: none does
   (Unicode 15, table 3-7: no overlong forms, no surrogates). */
static size_t character(const unsigned char *s, size_t n)
{
    if (s[0] < 0x80)
        return 1;
    size_t more = s[0] >= 0xf0 ? 3 : s[0] >= 0xe0 ? 2 : 1;
    if (s[0] < 0xc2 || s[0] > 0xf4 || n <= more)
        return 0;
    unsigned least = s[0] == 0xe0 ? 0xa0 : s[0] == 0xf0 ? 0x90 : 0x80;
    unsigned most = s[0] == 0xed ? 0x9f : s[0] == 0xf4 ? 0x8f : 0xbf;
    for (size_t i = 1; i <= more; i++) {
        if (s[i] < least || s[i] > most)
            return 0;
        least = 0x80;
        most = 0xbf;
    }
    return more + 1;
}

static bool is_text(const char *name, size_t n)
{
    size_t step = 1;
    for (size_t i = 0; i < n && step > 0; i += step) {
        step = character((const unsigned char *)name + i, n - i);
        if (name[i] == 0)
            step = 0;
    }
    return step > 0;
}

int ff_labels_bind(struct ff_labels *l, const char *name, size_t n, int *class_)
{
    if (n == 0 || n > FF_LABEL_MAX || !is_text(name, n))
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

#include "lib/labels.h"

#include <string.h>

#define NAME_BYTES (FF_LABEL_MAX + 1)

void ff_labels_carve(struct ff_labels *l, struct ff_arena *a, size_t capacity)
{
    l->capacity = capacity;
    l->names = ff_arena_take(a, capacity, NAME_BYTES);
    l->length = ff_arena_take(a, capacity, sizeof *l->length);
    l->shown = ff_arena_take(a, capacity, sizeof *l->shown);
    atomic_init(&l->count, 0);
}

/* ---- reading ------------------------------------------------------------- */

size_t ff_labels_count(const struct ff_labels *l)
{
    return atomic_load_explicit(&l->count, memory_order_acquire);
}

static size_t length_of(const struct ff_labels *l, size_t k)
{
    return atomic_load_explicit(&l->length[k], memory_order_acquire);
}

static bool is_bound(const struct ff_labels *l, int class_)
{
    return class_ >= 0 && (size_t)class_ < l->capacity &&
           length_of(l, (size_t)class_) > 0;
}

size_t ff_labels_room(const struct ff_labels *l)
{
    size_t room = 0;
    for (size_t k = 0; k < l->capacity; k++)
        room += length_of(l, k) == 0;
    return room;
}

const char *ff_labels_name(const struct ff_labels *l, int class_)
{
    return is_bound(l, class_) ? l->names + (size_t)class_ * NAME_BYTES : NULL;
}

int ff_labels_find(const struct ff_labels *l, const char *name, size_t n)
{
    size_t count = ff_labels_count(l);
    for (size_t k = 0; k < count && n > 0; k++)
        if (length_of(l, k) == n &&
            memcmp(l->names + k * NAME_BYTES, name, n) == 0)
            return (int)k;
    return -1;
}

bool ff_labels_shown(const struct ff_labels *l, int class_)
{
    return is_bound(l, class_) &&
           atomic_load_explicit(&l->shown[class_], memory_order_relaxed);
}

void ff_labels_show(struct ff_labels *l, int class_)
{
    if (is_bound(l, class_))
        atomic_store_explicit(&l->shown[class_], 1, memory_order_relaxed);
}

/* ---- writing ------------------------------------------------------------- */

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

static bool is_label(const char *name, size_t n)
{
    size_t step = n > 0 && n <= FF_LABEL_MAX;
    for (size_t i = 0; i < n && step > 0; i += step) {
        step = character((const unsigned char *)name + i, n - i);
        if (name[i] == 0)
            step = 0;
    }
    return step > 0;
}

static void write_name(struct ff_labels *l, size_t k, const char *name,
                       size_t n)
{
    char *at = l->names + k * NAME_BYTES;
    memcpy(at, name, n);
    memset(at + n, 0, NAME_BYTES - n);
    atomic_store_explicit(&l->length[k], (unsigned char)n,
                          memory_order_release);
    if (k >= ff_labels_count(l))
        atomic_store_explicit(&l->count, k + 1, memory_order_release);
}

int ff_labels_bind(struct ff_labels *l, const char *name, size_t n, int *class_)
{
    if (!is_label(name, n))
        return FF_ELABEL;
    *class_ = ff_labels_find(l, name, n);
    if (*class_ >= 0)
        return 0;
    size_t k = 0;
    while (k < l->capacity && length_of(l, k) > 0)
        k++;
    if (k == l->capacity)
        return FF_EFULL;
    write_name(l, k, name, n);
    *class_ = (int)k;
    return 0;
}

static int same(const struct ff_labels *l, int class_, const char *name,
                size_t n)
{
    return ff_labels_find(l, name, n) == class_ ? 0 : FF_ELABEL;
}

/* The name to the class, from whoever has it and has shown nothing. */
static int give(struct ff_labels *l, int class_, const char *name, size_t n)
{
    int is = ff_labels_find(l, name, n);
    if (is == class_)
        return 0;
    if (ff_labels_shown(l, is))
        return FF_ELABEL;
    if (is >= 0)
        ff_labels_drop(l, is);
    write_name(l, (size_t)class_, name, n);
    return 0;
}

int ff_labels_place(struct ff_labels *l, int class_, const char *name, size_t n)
{
    if (!is_label(name, n) || class_ < 0 || (size_t)class_ >= l->capacity)
        return FF_ELABEL;
    return ff_labels_shown(l, class_) ? same(l, class_, name, n)
                                      : give(l, class_, name, n);
}

int ff_labels_rename(struct ff_labels *l, int class_, const char *name,
                     size_t n)
{
    if (!is_label(name, n) || !is_bound(l, class_))
        return FF_ELABEL;
    return give(l, class_, name, n);
}

void ff_labels_drop(struct ff_labels *l, int class_)
{
    size_t k = (size_t)class_, count = ff_labels_count(l);
    atomic_store(&l->length[k], 0);
    atomic_store(&l->shown[k], 0);
    memset(l->names + k * NAME_BYTES, 0, NAME_BYTES);
    while (count > 0 && length_of(l, count - 1) == 0)
        count--;
    atomic_store(&l->count, count);
}

#include "proto/limit.h"

#include <string.h>

/* What the first byte of a value says about the rest of it. */
struct head {
    uint8_t length;  /* bytes of a length that follow: 0, 1, 2 or 4 */
    uint8_t fixed;   /* payload bytes beside that length */
    uint8_t per;     /* values owed per unit of length: 1 array, 2 map */
    uint8_t inline_; /* the length, where the first byte holds it */
};

static struct head head_of(uint8_t b)
{
    /* 0xc0 to 0xdf, in order of the specification. */
    static const struct head table[32] = {
        {0, 0, 0, 0}, {0, 0, 0, 0},  {0, 0, 0, 0}, {0, 0, 0, 0},
        {1, 0, 0, 0}, {2, 0, 0, 0},  {4, 0, 0, 0}, /* bin */
        {1, 1, 0, 0}, {2, 1, 0, 0},  {4, 1, 0, 0}, /* ext and its type */
        {0, 4, 0, 0}, {0, 8, 0, 0},                /* float */
        {0, 1, 0, 0}, {0, 2, 0, 0},  {0, 4, 0, 0}, {0, 8, 0, 0}, /* uint */
        {0, 1, 0, 0}, {0, 2, 0, 0},  {0, 4, 0, 0}, {0, 8, 0, 0}, /* int */
        {0, 2, 0, 0}, {0, 3, 0, 0},  {0, 5, 0, 0},               /* fixext */
        {0, 9, 0, 0}, {0, 17, 0, 0},                             /* fixext */
        {1, 0, 0, 0}, {2, 0, 0, 0},  {4, 0, 0, 0},               /* str */
        {2, 0, 1, 0}, {4, 0, 1, 0},                              /* array */
        {2, 0, 2, 0}, {4, 0, 2, 0},                              /* map */
    };

    if (b < 0x80 || b >= 0xe0)
        return (struct head){0, 0, 0, 0}; /* an integer in one byte */
    if (b < 0x90)
        return (struct head){0, 0, 2, b & 0x0f};
    if (b < 0xa0)
        return (struct head){0, 0, 1, b & 0x0f};
    if (b < 0xc0)
        return (struct head){0, 0, 0, b & 0x1f};
    return table[b - 0xc0];
}

static size_t length_of(const uint8_t *head, unsigned bytes)
{
    size_t v = 0;

    for (unsigned i = 1; i <= bytes; i++)
        v = v << 8 | head[i];
    return v;
}

void ffp_limit_init(struct ffp_limit *l, size_t cap)
{
    /* Not the stack, which depth guards: this runs for every message. */
    l->walk = FFP_WALK_MORE;
    l->cap = cap;
    l->seen = 0;
    l->skip = 0;
    l->owed = 1;
    l->elements = 0;
    l->depth = 0;
    l->head_n = 0;
}

size_t ffp_limit_need(const struct ffp_limit *l)
{
    size_t need = l->skip + l->owed;

    /* The byte owed for a value that came apart is here already. */
    if (l->head_n > 0)
        need += head_of(l->head[0]).length - l->head_n;
    return need;
}

static enum ffp_walk judge(const struct ffp_limit *l)
{
    return l->seen + ffp_limit_need(l) > l->cap ? FFP_WALK_TOO_LARGE
                                                : FFP_WALK_MORE;
}

/* An array or map of n values begins. */
static enum ffp_walk open_container(struct ffp_limit *l, size_t n)
{
    if (l->depth == FFP_MAX_DEPTH)
        return FFP_WALK_TOO_DEEP;
    l->elements += n;
    l->owed += n;
    l->left[l->depth++] = (uint32_t)n;
    return FFP_WALK_MORE;
}

/* One value whose head is complete. */
static enum ffp_walk take_value(struct ffp_limit *l, struct head h,
                                const uint8_t *head)
{
    size_t n = h.length ? length_of(head, h.length) : h.inline_;
    enum ffp_walk walk = FFP_WALK_MORE;

    if (*head == 0xc1)
        return FFP_WALK_BAD_BYTE;
    l->owed--;
    if (l->depth > 0)
        l->left[l->depth - 1]--;
    if (h.per == 0) {
        if (n > l->cap)
            return FFP_WALK_TOO_LARGE;
        l->skip = n + h.fixed;
    } else {
        /* Compared before it is multiplied: no length can overflow. */
        if (n > (FFP_MAX_ELEMENTS - l->elements) / h.per)
            return FFP_WALK_TOO_MANY;
        walk = open_container(l, n * h.per);
        if (walk != FFP_WALK_MORE)
            return walk;
    }
    while (l->depth > 0 && l->left[l->depth - 1] == 0)
        l->depth--;
    return judge(l);
}

/* The head at the front of n > 0 bytes; how many of them it used. */
static size_t take_head(struct ffp_limit *l, const uint8_t *bytes, size_t n)
{
    struct head h = head_of(l->head_n ? l->head[0] : bytes[0]);
    size_t whole = 1 + h.length;
    size_t missing = whole - l->head_n;
    size_t step = n < missing ? n : missing;

    /* At its first byte, so that the verdict is one however it is fed. */
    if (l->head_n == 0 && l->seen + l->owed + h.length > l->cap) {
        l->seen++;
        l->walk = FFP_WALK_TOO_LARGE;
        return 1;
    }
    l->seen += step;
    if (l->head_n == 0 && step == whole) {
        l->walk = take_value(l, h, bytes);
        return step;
    }
    memcpy(l->head + l->head_n, bytes, step);
    l->head_n += (unsigned)step;
    if (l->head_n == whole) {
        l->head_n = 0;
        l->walk = take_value(l, h, l->head);
    }
    return step;
}

enum ffp_walk ffp_limit_feed(struct ffp_limit *l, const uint8_t *bytes,
                             size_t n, size_t *used)
{
    size_t i = 0;

    while (l->walk == FFP_WALK_MORE) {
        if (l->skip > 0) {
            size_t step = n - i < l->skip ? n - i : l->skip;

            l->skip -= step;
            l->seen += step;
            i += step;
        }
        if (l->skip == 0 && l->owed == 0)
            l->walk = FFP_WALK_DONE;
        else if (i == n)
            break;
        else
            i += take_head(l, bytes + i, n - i);
    }
    *used = i;
    return l->walk;
}

const char *ffp_walk_text(enum ffp_walk walk)
{
    switch (walk) {
    case FFP_WALK_DONE:
        return "the message is complete";
    case FFP_WALK_MORE:
        return "the message is not complete yet";
    case FFP_WALK_TOO_LARGE:
        return "the message is larger than its limit";
    case FFP_WALK_TOO_DEEP:
        return "the message nests arrays and maps too deep";
    case FFP_WALK_TOO_MANY:
        return "the message holds too many values";
    case FFP_WALK_BAD_BYTE:
        return "the message holds byte c1, which MessagePack never uses";
    }
    return "the message is not MessagePack";
}

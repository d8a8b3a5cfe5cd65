#include "lib/memory.h"

#include <string.h>

void ff_memory_carve(struct ff_memory *m, struct ff_arena *a, size_t capacity,
                     size_t row_bytes, size_t K)
{
    *m = (struct ff_memory){
        .capacity = capacity, .row_bytes = row_bytes, .K = K};
    m->rows = ff_arena_take(a, capacity, row_bytes);
    m->order = ff_arena_take(a, capacity, sizeof *m->order);
    m->start = ff_arena_take(a, K + 1, sizeof *m->start);
    m->seen = ff_arena_take(a, K, sizeof *m->seen);
}

size_t ff_memory_count(const struct ff_memory *m)
{
    return m->start[m->K];
}

size_t ff_memory_count_of(const struct ff_memory *m, int class_)
{
    return m->start[class_ + 1] - m->start[class_];
}

static int fullest(const struct ff_memory *m)
{
    int best = 0;
    for (int k = 1; k < (int)m->K; k++)
        if (ff_memory_count_of(m, k) > ff_memory_count_of(m, best))
            best = k;
    return best;
}

/* Move the last (first) slot of each class between over its border, so that
   the gap at the end of class `from` comes to the end of class `to`. */
static size_t move_gap(struct ff_memory *m, int from, int to)
{
    size_t gap = m->start[from + 1] - 1;
    for (int k = from; k > to; k--) { /* borders below move up */
        size_t first = m->start[k];
        m->order[gap] = m->order[first];
        gap = first;
        m->start[k]++;
    }
    for (int k = from + 1; k <= to; k++) { /* borders above move down */
        size_t last = m->start[k + 1] - 1;
        m->start[k]--;
        m->order[gap] = m->order[last];
        gap = last;
    }
    return gap;
}

/* Free a slot for a class: a new one, or one of the class `from`. */
static uint32_t take_slot(struct ff_memory *m, struct ff_rng *g, int from,
                          int to)
{
    uint32_t slot;
    size_t gap;
    if (ff_memory_count(m) < m->capacity) {
        slot = m->start[m->K]++;
        gap = move_gap(m, (int)m->K - 1, to);
    } else {
        size_t i =
            m->start[from] + ff_rng_below(g, ff_memory_count_of(m, from));
        slot = m->order[i];
        m->order[i] = m->order[m->start[from + 1] - 1];
        gap = move_gap(m, from, to);
    }
    m->order[gap] = slot;
    return slot;
}

void ff_memory_keep(struct ff_memory *m, struct ff_rng *g, const void *frame,
                    int class_)
{
    if (m->capacity == 0)
        return;
    uint64_t seen = ++m->seen[class_];
    int from = fullest(m);
    size_t own = ff_memory_count_of(m, class_);
    if (ff_memory_count(m) == m->capacity &&
        own == ff_memory_count_of(m, from)) {
        from = class_;
        if (ff_rng_below(g, seen) >= own)
            return;
    }
    uint32_t slot = take_slot(m, g, from, class_);
    memcpy(m->rows + slot * m->row_bytes, frame, m->row_bytes);
}

/* How often a class is drawn, relative to others. */
static size_t weight(const struct ff_memory *m, int class_)
{
    if (ff_memory_count_of(m, class_) == 0)
        return 0;
    return m->seen[class_] < FF_MEMORY_YOUNG ? FF_MEMORY_YOUNG_WEIGHT : 1;
}

const void *ff_memory_draw(const struct ff_memory *m, struct ff_rng *g,
                           int *class_)
{
    size_t all = 0;
    for (int k = 0; k < (int)m->K; k++)
        all += weight(m, k);
    if (all == 0)
        return NULL;
    size_t pick = ff_rng_below(g, all);
    int k = 0;
    for (; pick >= weight(m, k); k++)
        pick -= weight(m, k);
    size_t i = m->start[k] + ff_rng_below(g, ff_memory_count_of(m, k));
    *class_ = k;
    return m->rows + m->order[i] * m->row_bytes;
}

const void *ff_memory_draw_any(const struct ff_memory *m, struct ff_rng *g,
                               int *class_)
{
    size_t n = ff_memory_count(m);
    if (n == 0)
        return NULL;
    size_t i = ff_rng_below(g, n);
    for (*class_ = 0; i >= m->start[*class_ + 1];)
        ++*class_;
    return m->rows + m->order[i] * m->row_bytes;
}

static void reverse(uint32_t *x, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        uint32_t v = x[i];
        x[i] = x[n - 1 - i];
        x[n - 1 - i] = v;
    }
}

/* The first n of all entries go behind the others. */
static void rotate(uint32_t *x, size_t n, size_t all)
{
    reverse(x, n);
    reverse(x + n, all - n);
    reverse(x, all);
}

void ff_memory_merge(struct ff_memory *m, int from, int to)
{
    uint32_t *start = m->start;
    uint32_t own = start[from + 1] - start[from];
    if (from < to) {
        rotate(m->order + start[from], own, start[to] - start[from]);
        for (int k = from + 1; k <= to; k++)
            start[k] -= own;
    } else {
        rotate(m->order + start[to + 1], start[from] - start[to + 1],
               start[from + 1] - start[to + 1]);
        for (int k = to + 1; k <= from; k++)
            start[k] += own;
    }
    m->seen[to] += m->seen[from];
    m->seen[from] = 0;
}

/* The slots of order[kept..all) are free: rows that lie beyond what is kept
   move into those that do not, so that the rows in use are the first ones. */
static void close_up(struct ff_memory *m, size_t kept, size_t all)
{
    size_t hole = kept;
    for (size_t i = 0; i < kept; i++) {
        uint32_t slot = m->order[i];
        if (slot < kept)
            continue;
        while (m->order[hole] >= kept)
            hole++;
        m->order[i] = m->order[hole++];
        memcpy(m->rows + m->order[i] * m->row_bytes,
               m->rows + slot * m->row_bytes, m->row_bytes);
    }
    if (all > kept) {
        memset(m->rows + kept * m->row_bytes, 0, (all - kept) * m->row_bytes);
        memset(m->order + kept, 0, (all - kept) * sizeof *m->order);
    }
}

void ff_memory_forget(struct ff_memory *m, int class_)
{
    size_t first = m->start[class_], own = ff_memory_count_of(m, class_);
    size_t all = ff_memory_count(m);
    if (own > 0)
        rotate(m->order + first, own, all - first);
    for (size_t k = (size_t)class_ + 1; k <= m->K; k++)
        m->start[k] -= (uint32_t)own;
    close_up(m, all - own, all);
    m->seen[class_] = 0;
}

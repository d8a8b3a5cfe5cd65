#include "lib/symbols.h"

#include <math.h>
#include <string.h>

#include "lib/vec.h"

#define TRUST   0.85f  /* e, a symbol seen: how far the layer below is heard */
#define FIRST_A 0.3f   /* what a layer's word counts for at first */
#define A_STEP  0.003f /* of a, later; at first it is larger: */
#define A_FAST  0.3f   /* over the root of symbols + A_SOON */
#define A_SOON  100
#define R_STEP  0.005f /* of r */
#define SLOTS   FF_SYMBOLS_SLOTS
#define WIDE    2      /* layers, orders 0 and 1, whose rows hold all */
#define TINY    1e-30f /* a share that was passed up is no less */
#define AGES    12
#define WAYS    4    /* rows that a context may take */
#define TOP     255  /* where a row's goodness is halved */
#define PUSH    0.1f /* share of written symbols that are pushed down */

static size_t layers_of(size_t orders, bool words)
{
    return orders + 1 + (words ? 2 : 0);
}

void ff_symbols_carve(struct ff_symbols *s, struct ff_arena *a, size_t K,
                      size_t orders, size_t rows, bool words)
{
    *s = (struct ff_symbols){.K = K,
                             .L = layers_of(orders, words),
                             .orders = orders,
                             .rows = rows,
                             .words = words};
    s->head = ff_arena_take(a, rows, sizeof *s->head);
    s->cells = ff_arena_take(a, rows, 2 * (size_t)SLOTS);
    s->wide_head = ff_arena_take(a, K + 1, sizeof *s->wide_head);
    s->wide_cells = ff_arena_take(a, K + 1, 2 * K);
    s->a = ff_arena_take(a, s->L * K, sizeof *s->a);
    s->r = ff_arena_take(a, s->L * AGES, sizeof *s->r);
    s->learned = ff_arena_take(a, 1, sizeof *s->learned);
    s->letter = ff_arena_take(a, K, 1);
}

size_t ff_symbols_ages(void)
{
    return AGES;
}

void ff_symbols_init(struct ff_symbols *s)
{
    for (size_t i = 0; i < s->L * s->K; i++)
        s->a[i] = FIRST_A;
}

/* ---- contexts and their rows ---------------------------------------------
 */

static uint64_t fold(uint64_t x, uint64_t v)
{
    x = (x + v + 1) * UINT64_C(0x9e3779b97f4a7c15);
    return x ^ x >> 29;
}

static bool is_letter(const struct ff_symbols *s, const uint8_t *past, size_t i)
{
    return i > 0 && s->letter[past[i - 1]];
}

/* The letters of the word that goes on at *i, back from there. */
static uint64_t fold_word(const struct ff_symbols *s, const uint8_t *past,
                          size_t *i, uint64_t x)
{
    while (is_letter(s, past, *i))
        x = fold(x, s->letter[past[--*i]]);
    return x;
}

/* Layers differ in what they begin with, so that no two share a row. */
static void find_contexts(const struct ff_symbols *s, const uint8_t *past,
                          uint64_t *hash)
{
    uint64_t x = 1;
    size_t l = 0, i = FF_SYMBOLS_SEEN;
    for (size_t n = 0; n <= s->orders; n++) {
        if (n > 0)
            x = fold(x, past[FF_SYMBOLS_SEEN - n]);
        hash[l++] = fold(x, n);
    }
    if (s->words) {
        uint64_t word = fold_word(s, past, &i, 7);
        hash[l++] = fold(word, 1000);
        while (i > 0 && !is_letter(s, past, i))
            i--;
        hash[l++] = fold(fold_word(s, past, &i, fold(word, 1001)), 1002);
    }
    for (size_t j = 0; j < l; j++) {
        hash[j] *= UINT64_C(0xd6e8feb86659fd93);
        hash[j] ^= hash[j] >> 32;
    }
}

static uint16_t tag_of(uint64_t hash)
{
    return (uint16_t)(hash >> 48) | 1;
}

/* A row of layer l: how many symbols it may hold, which, and its head. */
static size_t slots_of(const struct ff_symbols *s, size_t l)
{
    return l < WIDE ? s->K : SLOTS;
}

static uint8_t *cells_of(const struct ff_symbols *s, size_t l, size_t row)
{
    return (l < WIDE ? s->wide_cells : s->cells) + row * 2 * slots_of(s, l);
}

static struct ff_symbol_head *head_of(const struct ff_symbols *s, size_t l,
                                      size_t row)
{
    return (l < WIDE ? s->wide_head : s->head) + row;
}

/* The row of a context, or `rows`. */
static size_t find_row(const struct ff_symbols *s, uint64_t hash)
{
    size_t first = hash & (s->rows - 1);
    for (size_t way = 0; way < WAYS; way++)
        if (s->head[first ^ way].tag == tag_of(hash))
            return first ^ way;
    return s->rows;
}

/* The same; a new context takes the place that knows least. */
static size_t take_row(struct ff_symbols *s, uint64_t hash)
{
    size_t row = find_row(s, hash), first = hash & (s->rows - 1);
    if (row < s->rows)
        return row;
    row = first;
    for (size_t way = 1; way < WAYS; way++)
        if (s->head[first ^ way].n < s->head[row].n)
            row = first ^ way;
    s->head[row] = (struct ff_symbol_head){.tag = tag_of(hash)};
    memset(s->cells + row * 2 * SLOTS, 0, 2 * (size_t)SLOTS);
    return row;
}

/* Which weight r a row goes by: how often it was seen, coarser and coarser. */
static size_t age_of(size_t n)
{
    static const size_t until[AGES - 1] = {1,  2,  3,  4,   6,   9,
                                           17, 33, 65, 257, 2049};
    size_t age = 0;
    while (age < AGES - 1 && n >= until[age])
        age++;
    return age;
}

/* ---- an answer ------------------------------------------------------------
 */

/* Bring out what a row has seen. */
static void read_row(const struct ff_symbols *s, struct ff_symbol_trace *t,
                     size_t l)
{
    size_t slots = slots_of(s, l), seen = 0;
    const uint8_t *symbol = cells_of(s, l, t->row[l]), *c = symbol + slots;
    while (seen < slots && c[seen] > 0)
        seen++;
    memcpy(t->symbol[l], symbol, seen);
    t->seen[l] = seen;
    t->age[l] = age_of(head_of(s, l, t->row[l])->n);
}

/* Whether anybody hears layer l: the next order does, and words hear order 1.
 */
static bool passes_up(const struct ff_symbols *s, size_t l)
{
    return l < s->orders || l < WIDE;
}

/* What layer l finds, given what was passed up to it; and what it passes up. */
static void judge(const struct ff_symbols *s, struct ff_symbol_trace *t,
                  size_t l, const float *below, float *up)
{
    size_t row = t->row[l], seen = t->seen[l];
    const uint8_t *symbol = t->symbol[l];
    const uint8_t *c = cells_of(s, l, row) + slots_of(s, l);
    float e = TRUST * (float)seen;
    float share = 1 / ((float)head_of(s, l, row)->n + e);
    for (size_t i = 0; i < seen; i++)
        t->z[l][i] = 1 + (float)c[i] / (e * below[symbol[i]] + TINY);
    ff_vec_log(t->z[l], seen);
    if (!passes_up(s, l))
        return;
    for (size_t k = 0; k < s->K; k++)
        up[k] = share * e * below[k];
    for (size_t i = 0; i < seen; i++)
        up[symbol[i]] += share * (float)c[i];
}

static void look_up(const struct ff_symbols *s, const uint8_t *past,
                    struct ff_symbol_trace *t)
{
    find_contexts(s, past, t->hash);
    for (size_t l = WIDE; l < s->L; l++)
        __builtin_prefetch(&s->head[t->hash[l] & (s->rows - 1)]);
    t->row[0] = 0;
    t->row[1] = 1 + (size_t)t->before;
    for (size_t l = WIDE; l < s->L; l++) {
        t->row[l] = find_row(s, t->hash[l]);
        if (t->row[l] < s->rows)
            __builtin_prefetch(cells_of(s, l, t->row[l]));
    }
}

void ff_symbols_answer(const struct ff_symbols *s, const uint8_t *past,
                       float temperature, struct ff_symbol_trace *t)
{
    float passed[2][FF_SYMBOLS_MAX], first[FF_SYMBOLS_MAX];
    size_t turn = 0, K = s->K;
    t->before = past[FF_SYMBOLS_SEEN - 1];
    look_up(s, past, t);
    for (size_t k = 0; k < K; k++)
        passed[1][k] = 1 / (float)K;
    memset(t->p, 0, K * sizeof *t->p);
    memcpy(first, passed[1], K * sizeof *first);
    for (size_t l = 0; l < s->L; l++) {
        /* Words are of no order: they hear the symbol just before. */
        const float *below = l > s->orders ? first : passed[turn ^ 1];
        float a = s->a[l * K + t->before];
        t->seen[l] = 0;
        if (l < WIDE || t->row[l] < s->rows)
            read_row(s, t, l);
        if (t->seen[l] == 0)
            continue;
        judge(s, t, l, below, passed[turn]);
        for (size_t i = 0; i < t->seen[l]; i++)
            t->p[t->symbol[l][i]] += a * t->z[l][i];
        t->p[t->symbol[l][0]] += s->r[l * AGES + t->age[l]];
        turn ^= passes_up(s, l);
        if (l < WIDE)
            memcpy(first, passed[turn ^ 1], K * sizeof *first);
    }
    ff_vec_softmax(t->p, K, 1 / temperature);
}

uint8_t ff_symbols_draw(const struct ff_symbols *s, const float *p,
                        struct ff_rng *g)
{
    float left = ff_rng_uniform(g);
    size_t best = 0;
    for (size_t k = 0; k < s->K; k++) {
        left -= p[k];
        if (left < 0)
            return (uint8_t)k;
        best = p[k] > p[best] ? k : best;
    }
    return (uint8_t)best; /* rounding */
}

/* ---- learning -------------------------------------------------------------
 */

/* Down -log p(y); the layers' own goodness is not touched. */
static void learn_mixture(struct ff_symbols *s, const struct ff_symbol_trace *t,
                          uint8_t y)
{
    float step = A_FAST / sqrtf((float)(++*s->learned + A_SOON));
    step = step > A_STEP ? step : A_STEP;
    for (size_t l = 0; l < s->L; l++) {
        if (t->seen[l] == 0)
            continue;
        const uint8_t *symbol = t->symbol[l];
        float d = 0, wrong = (symbol[0] == y ? 1.0f : 0) - t->p[symbol[0]];
        for (size_t i = 0; i < t->seen[l]; i++)
            d += ((symbol[i] == y ? 1.0f : 0) - t->p[symbol[i]]) * t->z[l][i];
        s->a[l * s->K + t->before] += step * d;
        s->r[l * AGES + t->age[l]] += R_STEP * wrong;
    }
}

/* A full row is halved, but what it saw stays seen. */
static size_t halve(uint8_t *c, size_t slots)
{
    size_t n = 0;
    for (size_t i = 0; i < slots; i++) {
        c[i] = (uint8_t)((c[i] + 1) / 2);
        n += c[i];
    }
    return n;
}

/* One more of y, which is the newest now. Where there is no room for it, the
   symbol not seen for longest goes. */
static void lift(struct ff_symbols *s, size_t l, size_t row, uint8_t y)
{
    size_t slots = slots_of(s, l), i = 0;
    uint8_t *symbol = cells_of(s, l, row), *c = symbol + slots;
    struct ff_symbol_head *head = head_of(s, l, row);
    size_t n = head->n;
    while (i < slots && c[i] > 0 && symbol[i] != y)
        i++;
    if (i == slots) {
        n -= c[--i];
        c[i] = 0;
    }
    uint8_t had = c[i];
    memmove(symbol + 1, symbol, i);
    memmove(c + 1, c, i);
    symbol[0] = y;
    c[0] = had;
    if (had == TOP)
        n = halve(c, slots);
    c[0]++;
    head->n = (uint16_t)(n + 1);
}

void ff_symbols_learn(struct ff_symbols *s, struct ff_symbol_trace *t,
                      uint8_t y)
{
    learn_mixture(s, t, y);
    for (size_t l = 0; l < s->L; l++)
        lift(s, l, l < WIDE ? t->row[l] : take_row(s, t->hash[l]), y);
}

void ff_symbols_unlearn(struct ff_symbols *s, struct ff_symbol_trace *t,
                        uint8_t y, struct ff_rng *g)
{
    for (size_t l = 0; l < s->L; l++) {
        if (t->seen[l] == 0 || ff_rng_uniform(g) >= PUSH)
            continue;
        const uint8_t *at = memchr(t->symbol[l], y, t->seen[l]);
        if (!at)
            continue;
        uint8_t *c =
            cells_of(s, l, t->row[l]) + slots_of(s, l) + (at - t->symbol[l]);
        if (*c > 1) {
            --*c;
            head_of(s, l, t->row[l])->n--;
        }
    }
}

/* ---- a snapshot -----------------------------------------------------------
 */

/* Each symbol once, goodness without a gap, their sum. */
static bool row_holds(const struct ff_symbols *s, const uint8_t *symbol,
                      size_t slots, size_t sum)
{
    bool had[FF_SYMBOLS_MAX] = {false};
    const uint8_t *c = symbol + slots;
    size_t n = 0;
    for (size_t i = 0; i < slots; i++) {
        n += c[i];
        if (c[i] == 0)
            continue;
        if (symbol[i] >= s->K || had[symbol[i]] || (i > 0 && c[i - 1] == 0))
            return false;
        had[symbol[i]] = true;
    }
    return n == sum;
}

bool ff_symbols_hold(const struct ff_symbols *s)
{
    for (size_t row = 0; row < s->rows; row++)
        if (!row_holds(s, s->cells + row * 2 * SLOTS, SLOTS, s->head[row].n))
            return false;
    for (size_t row = 0; row <= s->K; row++)
        if (!row_holds(s, s->wide_cells + row * 2 * s->K, s->K,
                       s->wide_head[row].n))
            return false;
    return true;
}

/* The class-balancing reservoir. */
#include <string.h>

#include "lib/memory.h"
#include "tests/lib/support.h"

#define K 4

struct store {
    struct ff_arena arena;
    struct ff_memory m;
    struct ff_rng g;
};

static void init(struct store *s, size_t capacity, uint64_t seed)
{
    *s = (struct store){0};
    ff_memory_carve(&s->m, &s->arena, capacity, sizeof(uint32_t), K);
    assert_int_equal(ff_arena_init(&s->arena), 0);
    ff_memory_carve(&s->m, &s->arena, capacity, sizeof(uint32_t), K);
    ff_rng_init(&s->g, seed);
}

/* A frame is its number and, in the low two bits, its class. */
static void keep(struct store *s, uint32_t i, int class_)
{
    uint32_t frame = i * K + (uint32_t)class_;
    ff_memory_keep(&s->m, &s->g, &frame, class_);
}

static uint32_t frame_at(const struct store *s, size_t place)
{
    uint32_t frame;
    memcpy(&frame, s->m.rows + s->m.order[place] * sizeof frame, sizeof frame);
    return frame;
}

static void check_order(const struct store *s)
{
    size_t n = ff_memory_count(&s->m);
    uint8_t used[256] = {0};
    assert_true(n <= s->m.capacity);
    assert_int_equal(s->m.start[0], 0);
    for (size_t i = 0; i < n; i++) {
        assert_true(s->m.order[i] < n);
        assert_false(used[s->m.order[i]]);
        used[s->m.order[i]] = 1;
    }
    for (int k = 0; k < K; k++)
        for (size_t i = s->m.start[k]; i < s->m.start[k + 1]; i++)
            assert_int_equal(frame_at(s, i) % K, k);
}

/* Classes 0, 1, 2 in 90, 9, 1 of a hundred. */
static int skewed(uint32_t i)
{
    return i % 100 == 50 ? 2 : i % 11 == 5 ? 1 : 0;
}

void memory_is_in_order_and_within_capacity_at_every_frame(void **state)
{
    (void)state;
    const size_t capacities[] = {1, 2, 7, 30};
    for (size_t c = 0; c < 4; c++) {
        struct store s;
        init(&s, capacities[c], c);
        for (uint32_t i = 0; i < 300; i++) {
            keep(&s, i, (int)ff_rng_below(&s.g, 1 + i / 75));
            check_order(&s);
            assert_int_equal(ff_memory_count(&s.m),
                             i + 1 < capacities[c] ? i + 1 : capacities[c]);
        }
        ff_arena_release(&s.arena);
    }
}

void memory_of_a_skewed_stream_is_balanced_within_one(void **state)
{
    (void)state;
    struct store s;
    init(&s, 31, 3);
    for (uint32_t i = 0; i < 3000; i++)
        keep(&s, i, skewed(i));
    check_order(&s);
    for (int k = 0; k < 3; k++) {
        size_t n = ff_memory_count_of(&s.m, k);
        assert_true(n == 10 || n == 11);
    }
    assert_int_equal(ff_memory_count_of(&s.m, 3), 0);
    ff_arena_release(&s.arena);
}

void memory_keeps_a_rare_class_whole(void **state)
{
    (void)state;
    struct store s;
    init(&s, 30, 3);
    for (uint32_t i = 0; i < 3000; i++)
        keep(&s, i, i % 700 == 3 ? 3 : (int)(i % 3));
    assert_int_equal(ff_memory_count_of(&s.m, 3), 5);
    uint32_t sum = 0;
    for (size_t i = s.m.start[3]; i < s.m.start[4]; i++)
        sum += frame_at(&s, i) / K;
    assert_int_equal(sum, 5 * 3 + 700 * (0 + 1 + 2 + 3 + 4));
    for (int k = 0; k < 3; k++) {
        size_t n = ff_memory_count_of(&s.m, k);
        assert_true(n == 8 || n == 9);
    }
    ff_arena_release(&s.arena);
}

/* Chi-square of frames kept by the tenth of the stream they came in; nine
   degrees of freedom, so that 27.9 is passed once in a thousand times. */
static double unevenness(const size_t tenths[10])
{
    double sum = 0, chi = 0;
    for (int t = 0; t < 10; t++)
        sum += (double)tenths[t];
    for (int t = 0; t < 10; t++) {
        double off = (double)tenths[t] - sum / 10;
        chi += off * off / (sum / 10);
    }
    return chi;
}

void memory_is_an_even_sample_of_all_a_class_showed(void **state)
{
    (void)state;
    size_t tenths[2][10] = {{0}};
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct store s;
        init(&s, 40, seed);
        for (uint32_t i = 0; i < 1000; i++) {
            keep(&s, i, 0);
            if (i >= 500) /* a class born late halves the other's room */
                keep(&s, i, 1);
        }
        for (size_t i = 0; i < 40; i++) {
            uint32_t at = frame_at(&s, i) / K;
            if (i < s.m.start[1])
                tenths[0][at / 100]++;
            else
                tenths[1][(at - 500) / 50]++;
        }
        ff_arena_release(&s.arena);
    }
    assert_true(unevenness(tenths[0]) < 27.9);
    assert_true(unevenness(tenths[1]) < 27.9);
}

void memory_draws_evenly_over_classes_and_their_frames(void **state)
{
    (void)state;
    struct store s;
    size_t drawn[K] = {0}, of_first[10] = {0};
    init(&s, 64, 9);
    for (uint32_t i = 0; i < 31; i++)
        keep(&s, i, i == 0 ? 2 : i <= 10 ? 1 : 3);
    for (int i = 0; i < 6000; i++) {
        int class_ = -1;
        uint32_t frame;
        const void *kept = ff_memory_draw(&s.m, &s.g, &class_);
        memcpy(&frame, kept, sizeof frame);
        assert_int_equal(frame % K, class_);
        drawn[class_]++;
        if (class_ == 1)
            of_first[frame / K - 1]++;
    }
    assert_int_equal(drawn[0], 0);
    for (int k = 1; k < K; k++)
        assert_in_range(drawn[k], 1850, 2150);
    assert_true(unevenness(of_first) < 27.9);
    ff_arena_release(&s.arena);
}

void memory_without_room_or_frames_is_empty(void **state)
{
    (void)state;
    struct store s;
    int class_;
    init(&s, 0, 1);
    keep(&s, 1, 1);
    assert_int_equal(ff_memory_count(&s.m), 0);
    assert_null(ff_memory_draw(&s.m, &s.g, &class_));
    ff_arena_release(&s.arena);
    init(&s, 5, 1);
    assert_null(ff_memory_draw(&s.m, &s.g, &class_));
    ff_arena_release(&s.arena);
}

/* Of each class, the frames that are kept; a sum tells them apart well enough
   (they differ in more than their order). */
static uint64_t sum_of(const struct store *s, int class_)
{
    uint64_t sum = 0;
    for (size_t i = s->m.start[class_]; i < s->m.start[class_ + 1]; i++)
        sum += (uint64_t)frame_at(s, i) * frame_at(s, i);
    return sum;
}

static void check_unused(const struct store *s)
{
    for (size_t i = ff_memory_count(&s->m); i < s->m.capacity; i++) {
        uint32_t frame;
        memcpy(&frame, s->m.rows + i * sizeof frame, sizeof frame);
        assert_int_equal(frame, 0);
        assert_int_equal(s->m.order[i], 0);
    }
}

void memory_forgets_one_class_and_no_other_frame(void **state)
{
    (void)state;
    for (uint32_t n = 0; n < 90; n += 7)
        for (int gone = 0; gone < K; gone++) {
            struct store s;
            uint64_t sums[K];
            init(&s, 40, n);
            for (uint32_t i = 1; i <= n; i++)
                keep(&s, i, (int)(i * 7 / 3 % K));
            size_t own = ff_memory_count_of(&s.m, gone);
            size_t all = ff_memory_count(&s.m);
            for (int k = 0; k < K; k++)
                sums[k] = sum_of(&s, k);
            ff_memory_forget(&s.m, gone);
            check_order(&s);
            check_unused(&s);
            assert_int_equal(ff_memory_count(&s.m), all - own);
            assert_int_equal(s.m.seen[gone], 0);
            for (int k = 0; k < K; k++)
                assert_true(sum_of(&s, k) == (k == gone ? 0 : sums[k]));
            for (uint32_t i = 100; i < 200; i++) /* and goes on */
                keep(&s, i, (int)(i % K));
            check_order(&s);
            ff_arena_release(&s.arena);
        }
}

void memory_merges_two_classes_and_touches_no_other(void **state)
{
    (void)state;
    for (int from = 0; from < K; from++)
        for (int to = 0; to < K; to++) {
            struct store s;
            uint64_t sums[K], seen = 0;
            if (from == to)
                continue;
            init(&s, 40, 5);
            for (uint32_t i = 1; i <= 70; i++)
                keep(&s, i, (int)(i * 7 / 3 % K));
            for (int k = 0; k < K; k++)
                sums[k] = sum_of(&s, k);
            seen = s.m.seen[from] + s.m.seen[to];
            ff_memory_merge(&s.m, from, to);
            sums[to] += sums[from];
            sums[from] = 0;
            assert_int_equal(ff_memory_count(&s.m), 40);
            for (int k = 0; k < K; k++)
                assert_true(sum_of(&s, k) == sums[k]);
            assert_int_equal(s.m.seen[from], 0);
            assert_int_equal(s.m.seen[to], seen);
            /* What is more than its share goes as others come. */
            for (uint32_t i = 100; i < 1000; i++)
                keep(&s, i, (int)(i % K));
            assert_int_equal(ff_memory_count(&s.m), 40);
            for (int k = 0; k < K; k++)
                assert_in_range(ff_memory_count_of(&s.m, k), 9, 11);
            ff_arena_release(&s.arena);
        }
}

#include <string.h>

#include "clients/cli/input.h"
#include "clients/cli/order.h"
#include "tests/clients/support.h"

#define N 40

static void label(struct names *names, int *labels, const char *words)
{
    names_init(names);
    for (size_t i = 0; i < N; i++)
        labels[i] = names_put(names, &words[i % strlen(words)], 1);
}

static void assert_permutation(const size_t *perm, size_t n)
{
    char seen[N] = {0};
    for (size_t i = 0; i < n; i++) {
        assert_in_range(perm[i], 0, n - 1);
        assert_int_equal(seen[perm[i]]++, 0);
    }
}

void order_shuffled_is_a_permutation_of_its_seed(void **state)
{
    (void)state;
    struct names names;
    int labels[N];
    size_t a[N], b[N], c[N];
    label(&names, labels, "0");
    order_make(a, N, ORDER_SHUFFLED, labels, &names, 1);
    order_make(b, N, ORDER_SHUFFLED, labels, &names, 1);
    order_make(c, N, ORDER_SHUFFLED, labels, &names, 2);
    assert_permutation(a, N);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
    names_release(&names);
}

void order_as_is_changes_nothing(void **state)
{
    (void)state;
    struct names names;
    int labels[N];
    size_t a[N];
    label(&names, labels, "31");
    order_make(a, N, ORDER_AS_IS, labels, &names, 1);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(a[i], i);
    names_release(&names);
}

/* Labels 4 3 2 1 0 in turn: pairs are {0, 1}, {2, 3}, {4}. */
void order_by_class_streams_pair_after_pair(void **state)
{
    (void)state;
    struct names names;
    int labels[N];
    size_t a[N], b[N], turns = 0;
    label(&names, labels, "43210");
    order_make(a, N, ORDER_BY_CLASS, labels, &names, 5);
    order_make(b, N, ORDER_BY_CLASS, labels, &names, 6);
    assert_permutation(a, N);
    assert_memory_not_equal(a, b, sizeof a);
    for (size_t i = 0; i < N; i++) {
        int digit = names_get(&names, labels[a[i]])[0] - '0';
        assert_int_equal(digit / 2, i < 16 ? 0 : i < 32 ? 1 : 2);
        turns += i > 0 && labels[a[i]] != labels[a[i - 1]];
    }
    assert_true(turns > 4); /* mixed within a pair, not one class by one */
    names_release(&names);
}

void order_by_class_sorts_numbers_by_value(void **state)
{
    (void)state;
    assert_true(names_compare("9", "10") < 0);
    assert_true(names_compare("10", "cat") < 0);
    assert_true(names_compare("cat", "dog") < 0);
    assert_int_equal(names_compare("7", "7"), 0);
}

void order_by_class_puts_unlabelled_frames_last(void **state)
{
    (void)state;
    struct names names;
    int labels[N];
    size_t a[N];
    label(&names, labels, "10");
    labels[0] = labels[7] = -1;
    order_make(a, N, ORDER_BY_CLASS, labels, &names, 5);
    assert_permutation(a, N);
    assert_int_equal(a[N - 2], 0);
    assert_int_equal(a[N - 1], 7);
    names_release(&names);
}

/* Frames whose first byte is their number. */
static struct input *numbered(struct input_options *o,
                              const struct ffc_model *shape)
{
    static uint8_t bytes[10 * 4];
    char why[WHY_MAX];
    for (size_t i = 0; i < 10; i++)
        bytes[i * 4] = (uint8_t)i;
    put_idx(scratch("numbered"), 10, 2, 2, bytes, 0);
    o->kind = INPUT_IDX;
    o->path = scratch("numbered");
    return input_open(o, shape, NULL, why);
}

static size_t read_all(struct input *in, uint8_t *first, size_t room)
{
    struct input_frame f;
    char why[WHY_MAX];
    size_t n = 0;
    while (input_next(in, &f, why) == 1) {
        assert_true(n < room);
        first[n++] = *(const uint8_t *)f.data;
    }
    return n;
}

void input_takes_a_part_and_then_orders_it(void **state)
{
    (void)state;
    struct ffc_model shape = shape_of(2, 2, false);
    struct input_options o;
    uint8_t first[N];
    input_options_init(&o);
    o.offset = 2;
    o.limit = 3;
    struct input *in = numbered(&o, &shape);
    assert_int_equal(input_total(in), 3);
    assert_int_equal(read_all(in, first, N), 3);
    assert_memory_equal(first, ((uint8_t[]){2, 3, 4}), 3);
    input_free(in);
    o.order = ORDER_SHUFFLED;
    in = numbered(&o, &shape);
    assert_int_equal(read_all(in, first, N), 3);
    assert_int_equal(first[0] + first[1] + first[2], 9);
    for (size_t i = 0; i < 3; i++)
        assert_in_range(first[i], 2, 4);
    input_free(in);
}

void input_repeats_with_an_order_of_its_own_each_pass(void **state)
{
    (void)state;
    struct ffc_model shape = shape_of(2, 2, false);
    struct input_options o;
    uint8_t first[N];
    input_options_init(&o);
    o.repeat = 2;
    o.order = ORDER_SHUFFLED;
    struct input *in = numbered(&o, &shape);
    assert_int_equal(input_total(in), 20);
    assert_int_equal(read_all(in, first, N), 20);
    assert_memory_not_equal(first, first + 10, 10);
    input_free(in);
}

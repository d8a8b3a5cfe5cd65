#include <string.h>

#include "daemon/inbox.h"
#include "tests/daemon/support.h"

enum { SIZE = 8, FRAME = 100 };

static void add(struct ffd_inbox *b, int value)
{
    uint8_t frame[FRAME];

    memset(frame, value, sizeof(frame));
    ffd_inbox_add(b, frame)->class_ = value;
}

static void expect(struct ffd_inbox *b, uint32_t row, int value)
{
    const uint8_t *frame = ffd_inbox_frame(b, row);

    assert_int_equal(b->rows[row].class_, value);
    assert_int_equal(frame[0], value);
    assert_int_equal(frame[FRAME - 1], value);
}

void inbox_rows_are_aligned(void **state)
{
    struct ffd_inbox b;

    (void)state;
    assert_int_equal(ffd_inbox_init(&b, SIZE, FRAME), 0);
    assert_int_equal(b.row_bytes, 128);
    for (uint32_t i = 0; i < SIZE; i++)
        assert_int_equal((uintptr_t)ffd_inbox_frame(&b, i) % 64, 0);
    ffd_inbox_release(&b);
}

void inbox_keeps_order(void **state)
{
    struct ffd_inbox b;
    uint32_t rows[SIZE];

    (void)state;
    assert_int_equal(ffd_inbox_init(&b, SIZE, FRAME), 0);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 5; i++)
            add(&b, round * 5 + i);
        assert_int_equal(ffd_inbox_take(&b, rows, SIZE), 5);
        for (int i = 0; i < 5; i++)
            expect(&b, rows[i], round * 5 + i);
        ffd_inbox_put_back(&b, rows, 5);
    }
    ffd_inbox_release(&b);
}

void inbox_counts_rows_that_are_out(void **state)
{
    struct ffd_inbox b;
    uint32_t rows[SIZE];

    (void)state;
    assert_int_equal(ffd_inbox_init(&b, SIZE, FRAME), 0);
    for (int i = 0; i < SIZE; i++)
        add(&b, i);
    assert_int_equal(ffd_inbox_room(&b), 0);
    assert_int_equal(ffd_inbox_bytes(&b), SIZE * 128);
    assert_int_equal(ffd_inbox_take(&b, rows, 3), 3);
    assert_int_equal(ffd_inbox_room(&b), 0);
    assert_int_equal(b.waiting, SIZE - 3);
    ffd_inbox_put_back(&b, rows, 3);
    assert_int_equal(ffd_inbox_room(&b), 3);
    ffd_inbox_release(&b);
}

void inbox_drops_the_oldest_that_waits(void **state)
{
    struct ffd_inbox b;
    uint32_t rows[SIZE];

    (void)state;
    assert_int_equal(ffd_inbox_init(&b, SIZE, FRAME), 0);
    for (int i = 0; i < SIZE; i++)
        add(&b, i);
    assert_int_equal(ffd_inbox_take(&b, rows, 2), 2);
    assert_int_equal(ffd_inbox_drop_oldest(&b).class_, 2);
    assert_int_equal(ffd_inbox_room(&b), 1); /* at once, not later */
    add(&b, 42);
    expect(&b, rows[0], 0); /* what is away is as it was */
    expect(&b, rows[1], 1);
    ffd_inbox_put_back(&b, rows, 2);
    assert_int_equal(ffd_inbox_take(&b, rows, SIZE), SIZE - 2);
    expect(&b, rows[0], 3);
    expect(&b, rows[5], 42);
    ffd_inbox_release(&b);
}

void inbox_drops_nothing_of_what_is_taken(void **state)
{
    struct ffd_inbox b;
    uint32_t rows[SIZE];

    (void)state;
    assert_int_equal(ffd_inbox_init(&b, SIZE, FRAME), 0);
    add(&b, 1);
    assert_int_equal(ffd_inbox_take(&b, rows, SIZE), 1);
    assert_int_equal(ffd_inbox_drop_oldest(&b).class_, -1);
    assert_int_equal(ffd_inbox_room(&b), SIZE - 1);
    ffd_inbox_release(&b);
}

void inbox_reuses_warm_rows(void **state)
{
    struct ffd_inbox b;
    uint32_t rows[SIZE], first;

    (void)state;
    assert_int_equal(ffd_inbox_init(&b, SIZE, FRAME), 0);
    add(&b, 1);
    first = ffd_inbox_last(&b);
    assert_int_equal(ffd_inbox_take(&b, rows, 1), 1);
    ffd_inbox_put_back(&b, rows, 1);
    add(&b, 2);
    assert_int_equal(ffd_inbox_last(&b), first);
    ffd_inbox_release(&b);
}

void inbox_refuses_sizes_that_cannot_be(void **state)
{
    struct ffd_inbox b;

    (void)state;
    assert_int_equal(ffd_inbox_init(&b, 0, FRAME), -1);
    assert_int_equal(ffd_inbox_init(&b, SIZE_MAX / 2, FRAME), -1);
}

#include "daemon/inbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN 64

int ffd_inbox_init(struct ffd_inbox *b, size_t size, size_t frame_bytes)
{
    memset(b, 0, sizeof(*b));
    b->size = size;
    b->frame_bytes = frame_bytes;
    b->row_bytes = (frame_bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (size == 0 || frame_bytes == 0 || size > SIZE_MAX / b->row_bytes)
        return -1;
    b->frames = aligned_alloc(ALIGN, size * b->row_bytes);
    b->rows = calloc(size, sizeof(*b->rows));
    b->free_rows = calloc(size, sizeof(*b->free_rows));
    b->queue = calloc(size, sizeof(*b->queue));
    if (!b->frames || !b->rows || !b->free_rows || !b->queue) {
        ffd_inbox_release(b);
        return -1;
    }
    b->free_count = size;
    for (size_t i = 0; i < size; i++)
        b->free_rows[i] = (uint32_t)(size - 1 - i);
    return 0;
}

void ffd_inbox_release(struct ffd_inbox *b)
{
    free(b->frames);
    free(b->rows);
    free(b->free_rows);
    free(b->queue);
    memset(b, 0, sizeof(*b));
}

size_t ffd_inbox_room(const struct ffd_inbox *b)
{
    return b->free_count;
}

size_t ffd_inbox_bytes(const struct ffd_inbox *b)
{
    return (b->size - b->free_count) * b->row_bytes;
}

void *ffd_inbox_frame(struct ffd_inbox *b, uint32_t row)
{
    return b->frames + row * b->row_bytes;
}

uint32_t ffd_inbox_last(const struct ffd_inbox *b)
{
    assert(b->waiting > 0);
    return b->queue[(b->first + b->waiting - 1) % b->size];
}

struct ffd_row *ffd_inbox_add(struct ffd_inbox *b, const void *frame)
{
    uint32_t row;

    assert(b->free_count > 0);
    row = b->free_rows[--b->free_count];
    if (frame)
        memcpy(ffd_inbox_frame(b, row), frame, b->frame_bytes);
    b->queue[(b->first + b->waiting++) % b->size] = row;
    b->rows[row] = (struct ffd_row){.class_ = -1, .late = !frame};
    return &b->rows[row];
}

static uint32_t pop(struct ffd_inbox *b)
{
    uint32_t row = b->queue[b->first];

    b->first = (b->first + 1) % b->size;
    b->waiting--;
    return row;
}

size_t ffd_inbox_take(struct ffd_inbox *b, uint32_t *rows, size_t n)
{
    if (n > b->waiting)
        n = b->waiting;
    for (size_t i = 0; i < n; i++)
        rows[i] = pop(b);
    return n;
}

void ffd_inbox_put_back(struct ffd_inbox *b, const uint32_t *rows, size_t n)
{
    assert(b->free_count + n <= b->size);
    for (size_t i = 0; i < n; i++)
        b->free_rows[b->free_count++] = rows[i];
}

struct ffd_row ffd_inbox_drop_oldest(struct ffd_inbox *b)
{
    uint32_t row;

    if (b->waiting == 0)
        return (struct ffd_row){.class_ = -1, .ticket = NULL};
    row = pop(b);
    b->free_rows[b->free_count++] = row;
    return b->rows[row];
}

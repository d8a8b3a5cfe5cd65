#include "tests/bench/idx.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static uint32_t big_endian(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 |
           b[3];
}

static int read_all(gzFile f, struct idx *out)
{
    uint8_t head[16];
    if (gzread(f, head, 4) != 4 || head[0] || head[1] || head[2] != 8 ||
        head[3] < 1 || head[3] > 4)
        return -1;
    int dims = head[3];
    if (gzread(f, head, (unsigned)dims * 4) != dims * 4)
        return -1;
    out->n = big_endian(head);
    out->shape[0] = dims > 1 ? big_endian(head + 4) : 1;
    out->shape[1] = dims > 2 ? big_endian(head + 8) : 1;
    out->shape[2] = dims > 3 ? big_endian(head + 12) : 1;
    out->row = out->shape[0] * out->shape[1] * out->shape[2];
    out->bytes = malloc(out->n * out->row + 1);
    size_t all = out->n * out->row;
    if (!out->bytes || gzread(f, out->bytes, (unsigned)all) != (int)all)
        return -1;
    return 0;
}

int idx_load(struct idx *out, const char *path)
{
    *out = (struct idx){0};
    gzFile f = gzopen(path, "rb");
    int status = f ? read_all(f, out) : -1;
    if (f)
        gzclose(f);
    if (status) {
        fprintf(stderr, "%s: cannot read it as IDX of bytes\n", path);
        idx_release(out);
    }
    return status;
}

void idx_release(struct idx *f)
{
    free(f->bytes);
    f->bytes = NULL;
}

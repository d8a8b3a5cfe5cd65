/*
 * idx.h -- read an IDX file of bytes (LeCun's format), gzipped or not.
 */
#ifndef FFD_BENCH_IDX_H
#define FFD_BENCH_IDX_H

#include <stddef.h>
#include <stdint.h>

struct idx {
    size_t n, row;   /* items, bytes of each */
    size_t shape[3]; /* of one item: height, width, channels; or 1s */
    uint8_t *bytes;  /* (n, row) owned */
};

/* 0, or -1 after a sentence on stderr. */
int idx_load(struct idx *f, const char *path);
void idx_release(struct idx *f);

#endif

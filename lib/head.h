/*
 * head.h -- what a snapshot says before its tensors: layout, hash, metadata.
 */
#ifndef FF_HEAD_H
#define FF_HEAD_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/ff.h"

struct ff_head {
    size_t length;      /* of the header: tensors begin at 8 + length */
    json_t *root;       /* owned */
    const json_t *meta; /* of root */
    long format;
};

/* A sentence into why; returns status. */
__attribute__((format(printf, 3, 4))) int
ff_refuse(char why[FF_WHY_MAX], int status, const char *format, ...);

/* The header's length, checked against the n bytes there are: 0, or
   FF_ECORRUPT. */
int ff_head_length(const uint8_t *bytes, size_t n, size_t *length,
                   char why[FF_WHY_MAX]);

/* Read the header. FF_ECORRUPT, FF_EVERSION (a newer format), FF_ENOMEM: there
   is nothing to release. The hash is not looked at. */
int ff_head_read(struct ff_head *h, const uint8_t *bytes, size_t n,
                 char why[FF_WHY_MAX]);
void ff_head_release(struct ff_head *h);

/* A text of the metadata, borrowed; "" if it is not there. */
const char *ff_head_text(const struct ff_head *h, const char *key);

/* A number of the metadata; 0 if it is not there. FF_ECORRUPT: it is none. */
int ff_head_number(const struct ff_head *h, const char *key, uint64_t *number);

#endif

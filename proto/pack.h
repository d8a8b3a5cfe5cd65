/*
 * pack.h -- MessagePack values into a buffer, each in its shortest form.
 *
 * Thin words over msgpack_packer, so that neither daemon nor clients meet
 * msgpack-c to write. Nothing here returns an error: look at buf->failed when
 * the message is complete. The ffp_kv_ functions write a map's key and value.
 */
#ifndef FFP_PACK_H
#define FFP_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/buf.h"

void ffp_pack_array(struct ffp_buf *b, size_t n); /* n values follow */
void ffp_pack_map(struct ffp_buf *b, size_t n);   /* n pairs follow */
void ffp_pack_nil(struct ffp_buf *b);
void ffp_pack_bool(struct ffp_buf *b, bool v);
void ffp_pack_int(struct ffp_buf *b, int64_t v);
void ffp_pack_uint(struct ffp_buf *b, uint64_t v);
void ffp_pack_float(struct ffp_buf *b, float v);
void ffp_pack_double(struct ffp_buf *b, double v);
void ffp_pack_str(struct ffp_buf *b, const char *s); /* NULL: nil */
void ffp_pack_strn(struct ffp_buf *b, const char *s, size_t n);
void ffp_pack_bin(struct ffp_buf *b, const void *bytes, size_t n);
void ffp_pack_floats(struct ffp_buf *b, const float *v, size_t n);

/* The header of a bin whose n bytes follow by ffp_buf_add. */
void ffp_pack_bin_header(struct ffp_buf *b, size_t n);

void ffp_kv_nil(struct ffp_buf *b, const char *key);
void ffp_kv_bool(struct ffp_buf *b, const char *key, bool v);
void ffp_kv_int(struct ffp_buf *b, const char *key, int64_t v);
void ffp_kv_uint(struct ffp_buf *b, const char *key, uint64_t v);
void ffp_kv_float(struct ffp_buf *b, const char *key, float v);
void ffp_kv_double(struct ffp_buf *b, const char *key, double v);
void ffp_kv_number(struct ffp_buf *b, const char *key, double v); /* NaN: nil */
void ffp_kv_str(struct ffp_buf *b, const char *key, const char *s);
void ffp_kv_strn(struct ffp_buf *b, const char *key, const char *s, size_t n);
void ffp_kv_bin(struct ffp_buf *b, const char *key, const void *v, size_t n);
void ffp_kv_floats(struct ffp_buf *b, const char *key, const float *v,
                   size_t n);

#endif

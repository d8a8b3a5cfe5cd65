#include "proto/pack.h"

#include <math.h>
#include <msgpack/pack.h>
#include <string.h>

static msgpack_packer into(struct ffp_buf *b)
{
    return (msgpack_packer){b, ffp_buf_write};
}

void ffp_pack_array(struct ffp_buf *b, size_t n)
{
    msgpack_packer pk = into(b);

    msgpack_pack_array(&pk, n);
}

void ffp_pack_map(struct ffp_buf *b, size_t n)
{
    msgpack_packer pk = into(b);

    msgpack_pack_map(&pk, n);
}

void ffp_pack_nil(struct ffp_buf *b)
{
    msgpack_packer pk = into(b);

    msgpack_pack_nil(&pk);
}

void ffp_pack_bool(struct ffp_buf *b, bool v)
{
    msgpack_packer pk = into(b);

    if (v)
        msgpack_pack_true(&pk);
    else
        msgpack_pack_false(&pk);
}

void ffp_pack_int(struct ffp_buf *b, int64_t v)
{
    msgpack_packer pk = into(b);

    msgpack_pack_int64(&pk, v);
}

void ffp_pack_uint(struct ffp_buf *b, uint64_t v)
{
    msgpack_packer pk = into(b);

    msgpack_pack_uint64(&pk, v);
}

void ffp_pack_float(struct ffp_buf *b, float v)
{
    msgpack_packer pk = into(b);

    msgpack_pack_float(&pk, v);
}

void ffp_pack_double(struct ffp_buf *b, double v)
{
    msgpack_packer pk = into(b);

    msgpack_pack_double(&pk, v);
}

void ffp_pack_str(struct ffp_buf *b, const char *s)
{
    if (s)
        ffp_pack_strn(b, s, strlen(s));
    else
        ffp_pack_nil(b);
}

void ffp_pack_strn(struct ffp_buf *b, const char *s, size_t n)
{
    msgpack_packer pk = into(b);

    msgpack_pack_str(&pk, n);
    ffp_buf_add(b, s, n);
}

void ffp_pack_bin_header(struct ffp_buf *b, size_t n)
{
    msgpack_packer pk = into(b);

    msgpack_pack_bin(&pk, n);
}

void ffp_pack_bin(struct ffp_buf *b, const void *bytes, size_t n)
{
    ffp_pack_bin_header(b, n);
    ffp_buf_add(b, bytes, n);
}

void ffp_pack_floats(struct ffp_buf *b, const float *v, size_t n)
{
    msgpack_packer pk = into(b);

    msgpack_pack_array(&pk, n);
    for (size_t i = 0; i < n; i++)
        msgpack_pack_float(&pk, v[i]);
}

void ffp_kv_nil(struct ffp_buf *b, const char *key)
{
    ffp_pack_str(b, key);
    ffp_pack_nil(b);
}

void ffp_kv_bool(struct ffp_buf *b, const char *key, bool v)
{
    ffp_pack_str(b, key);
    ffp_pack_bool(b, v);
}

void ffp_kv_int(struct ffp_buf *b, const char *key, int64_t v)
{
    ffp_pack_str(b, key);
    ffp_pack_int(b, v);
}

void ffp_kv_uint(struct ffp_buf *b, const char *key, uint64_t v)
{
    ffp_pack_str(b, key);
    ffp_pack_uint(b, v);
}

void ffp_kv_float(struct ffp_buf *b, const char *key, float v)
{
    ffp_pack_str(b, key);
    ffp_pack_float(b, v);
}

void ffp_kv_double(struct ffp_buf *b, const char *key, double v)
{
    ffp_pack_str(b, key);
    ffp_pack_double(b, v);
}

void ffp_kv_number(struct ffp_buf *b, const char *key, double v)
{
    if (isnan(v))
        ffp_kv_nil(b, key);
    else
        ffp_kv_double(b, key, v);
}

void ffp_kv_str(struct ffp_buf *b, const char *key, const char *s)
{
    ffp_pack_str(b, key);
    ffp_pack_str(b, s);
}

void ffp_kv_strn(struct ffp_buf *b, const char *key, const char *s, size_t n)
{
    ffp_pack_str(b, key);
    ffp_pack_strn(b, s, n);
}

void ffp_kv_bin(struct ffp_buf *b, const char *key, const void *v, size_t n)
{
    ffp_pack_str(b, key);
    ffp_pack_bin(b, v, n);
}

void ffp_kv_floats(struct ffp_buf *b, const char *key, const float *v, size_t n)
{
    ffp_pack_str(b, key);
    ffp_pack_floats(b, v, n);
}

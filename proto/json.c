#include "proto/json.h"

#include <math.h>
#include <msgpack/object.h>
#include <msgpack/unpack.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

#define PAD         64 /* place of = among the digits */
#define NUMBER_MAX  32 /* bytes of a number, with terminator */
#define PIECE_BYTES 256

/* ---- text -----------------------------------------------------------------
 */

/* How a character is written, if not as itself; at most 6 bytes. */
static size_t escape(char to[8], unsigned char c)
{
    static const char letter[] = "btn\0fr"; /* from 8 on */

    if (c == '"' || c == '\\')
        return (size_t)snprintf(to, 8, "\\%c", c);
    if (c >= '\b' && c <= '\r' && letter[c - '\b'])
        return (size_t)snprintf(to, 8, "\\%c", letter[c - '\b']);
    return (size_t)snprintf(to, 8, "\\u%04X", c);
}

/* What of UTF-8 lies between quotes. at: NULL if n is 0. */
static void add_escaped(struct ffp_buf *out, const char *at, size_t n)
{
    char text[8];

    while (n > 0) {
        size_t plain = 0;

        while (plain < n && (unsigned char)at[plain] >= ' ' &&
               at[plain] != '"' && at[plain] != '\\')
            plain++;
        ffp_buf_add(out, at, plain);
        if (plain == n)
            return;
        ffp_buf_add(out, text, escape(text, (unsigned char)at[plain]));
        at += plain + 1;
        n -= plain + 1;
    }
}

static void encode(char to[4], const uint8_t *at, size_t left)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789+/=";
    uint32_t v = (uint32_t)at[0] << 16;

    if (left > 1)
        v |= (uint32_t)at[1] << 8;
    if (left > 2)
        v |= at[2];
    to[0] = digit[v >> 18];
    to[1] = digit[v >> 12 & 63];
    to[2] = digit[left > 1 ? v >> 6 & 63 : PAD];
    to[3] = digit[left > 2 ? v & 63 : PAD];
}

static void add_base64(struct ffp_buf *out, const char *bytes, size_t n)
{
    char piece[PIECE_BYTES];
    size_t filled = 0;

    ffp_buf_text(out, "\"");
    for (size_t i = 0; i < n; i += 3) {
        encode(piece + filled, (const uint8_t *)bytes + i, n - i);
        filled += 4;
        if (filled < PIECE_BYTES)
            continue;
        ffp_buf_add(out, piece, filled);
        filled = 0;
    }
    ffp_buf_add(out, piece, filled);
    ffp_buf_text(out, "\"");
}

static void add_text(struct ffp_buf *out, const char *at, size_t n)
{
    if (!ffp_text_valid(at, n)) {
        add_base64(out, at, n);
        return;
    }
    ffp_buf_text(out, "\"");
    add_escaped(out, at, n);
    ffp_buf_text(out, "\"");
}

/* ---- numbers --------------------------------------------------------------
 */

static void add_int(struct ffp_buf *out, int64_t v)
{
    if (v < 0)
        ffp_buf_text(out, "-");
    ffp_buf_digits(out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

/* An exponent without a plus and without zeros before it. */
static void trim_exponent(char *text)
{
    char *to = strchr(text, 'e'), *from;

    if (!to)
        return;
    from = ++to;
    if (*from == '-')
        to = ++from;
    else if (*from == '+')
        from++;
    from += strspn(from, "0");
    memmove(to, from, strlen(from) + 1);
}

static void add_double(struct ffp_buf *out, double v)
{
    char text[NUMBER_MAX];

    snprintf(text, sizeof(text), "%.15g", v);
    trim_exponent(text);
    ffp_buf_text(out, text);
    if (!strpbrk(text, ".e"))
        ffp_buf_text(out, ".0");
}

/* 0.9F is 0.899999976 as a double; say what was meant. */
static void add_float(struct ffp_buf *out, double v)
{
    char text[NUMBER_MAX];

    snprintf(text, sizeof(text), "%.7g", v);
    add_double(out, strtod(text, NULL));
}

static void add_real(struct ffp_buf *out, double v, bool wide)
{
    /* Many are, and these digits cost less. */
    bool whole = v > -1e6 && v < 1e6 && (double)(int64_t)v == v &&
                 !(v == 0 && signbit(v));

    if (!isfinite(v))
        ffp_buf_text(out, "null");
    else if (whole) {
        add_int(out, (int64_t)v);
        ffp_buf_text(out, ".0");
    } else if (wide)
        add_double(out, v);
    else
        add_float(out, v);
}

/* ---- values ---------------------------------------------------------------
 */

/* add_value calls itself through these; a value's depth is bounded by the
   walker that every message passed. NOLINTBEGIN(misc-no-recursion) */
static void add_value(struct ffp_buf *out, const msgpack_object *o);

static void add_list(struct ffp_buf *out, const msgpack_object *o)
{
    ffp_buf_text(out, "[");
    for (size_t i = 0; i < o->via.array.size; i++) {
        if (i > 0)
            ffp_buf_text(out, ",");
        add_value(out, &o->via.array.ptr[i]);
    }
    ffp_buf_text(out, "]");
}

/* A key that is no text is its JSON, as text. */
static void add_key(struct ffp_buf *out, const msgpack_object *o)
{
    struct ffp_buf json;

    if (o->type == MSGPACK_OBJECT_STR || o->type == MSGPACK_OBJECT_BIN) {
        add_value(out, o);
        return;
    }
    ffp_buf_init(&json, out->cap);
    add_value(&json, o);
    ffp_buf_text(out, "\"");
    add_escaped(out, (const char *)json.data, json.n);
    ffp_buf_text(out, "\"");
    out->failed |= json.failed;
    ffp_buf_release(&json);
}

static void add_map(struct ffp_buf *out, const msgpack_object *o)
{
    ffp_buf_text(out, "{");
    for (size_t i = 0; i < o->via.map.size; i++) {
        if (i > 0)
            ffp_buf_text(out, ",");
        add_key(out, &o->via.map.ptr[i].key);
        ffp_buf_text(out, ":");
        add_value(out, &o->via.map.ptr[i].val);
    }
    ffp_buf_text(out, "}");
}

static void add_value(struct ffp_buf *out, const msgpack_object *o)
{
    switch (o->type) {
    case MSGPACK_OBJECT_NIL:
    case MSGPACK_OBJECT_EXT:
        ffp_buf_text(out, "null");
        break;
    case MSGPACK_OBJECT_BOOLEAN:
        ffp_buf_text(out, o->via.boolean ? "true" : "false");
        break;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        if (o->via.u64 > INT64_MAX)
            add_double(out, (double)o->via.u64);
        else
            ffp_buf_digits(out, o->via.u64);
        break;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        add_int(out, o->via.i64);
        break;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        add_real(out, o->via.f64, o->type == MSGPACK_OBJECT_FLOAT64);
        break;
    case MSGPACK_OBJECT_STR:
        add_text(out, o->via.str.ptr, o->via.str.size);
        break;
    case MSGPACK_OBJECT_BIN:
        add_base64(out, o->via.bin.ptr, o->via.bin.size);
        break;
    case MSGPACK_OBJECT_ARRAY:
        add_list(out, o);
        break;
    case MSGPACK_OBJECT_MAP:
        add_map(out, o);
        break;
    }
}

/* NOLINTEND(misc-no-recursion) */

void ffp_json_add(struct ffp_buf *out, const msgpack_object *o)
{
    static const msgpack_object nil = {.type = MSGPACK_OBJECT_NIL};

    add_value(out, o ? o : &nil);
}

char *ffp_json(const msgpack_object *o)
{
    struct ffp_buf out;
    size_t n;
    char *text;

    ffp_buf_init(&out, SIZE_MAX);
    ffp_json_add(&out, o);
    ffp_buf_add(&out, "", 1); /* terminated */
    text = out.failed ? NULL : (char *)ffp_buf_take(&out, &n);
    ffp_buf_release(&out);
    return text;
}

char *ffp_json_packed(const uint8_t *bytes, size_t n)
{
    msgpack_unpacked value;
    char *text = NULL;

    msgpack_unpacked_init(&value);
    if (msgpack_unpack_next(&value, (const char *)bytes, n, NULL) ==
        MSGPACK_UNPACK_SUCCESS)
        text = ffp_json(&value.data);
    msgpack_unpacked_destroy(&value);
    return text;
}

#include "lib/head.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json_text.h"
#include "lib/snapshot.h"

int ff_refuse(char why[FF_WHY_MAX], int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, FF_WHY_MAX, format, args);
    va_end(args);
    return status;
}

static uint64_t get_length(const uint8_t *in)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n |= (uint64_t)in[i] << (8 * i);
    return n;
}

int ff_head_length(const uint8_t *bytes, size_t n, size_t *length,
                   char why[FF_WHY_MAX])
{
    if (n < 8 + FF_SNAPSHOT_ALIGN)
        return ff_refuse(why, FF_ECORRUPT, "it is cut short: %zu bytes", n);
    uint64_t header = get_length(bytes);
    if (header > n - 8)
        return ff_refuse(why, FF_ECORRUPT, "it is cut short, in its header");
    *length = (size_t)header;
    return 0;
}

const char *ff_head_text(const struct ff_head *h, const char *key)
{
    const char *text = json_string_value(json_object_get(h->meta, key));
    return text ? text : "";
}

int ff_head_number(const struct ff_head *h, const char *key, uint64_t *number)
{
    const char *text = ff_head_text(h, key);
    char *end;
    *number = 0;
    if (!json_object_get(h->meta, key))
        return 0;
    if (strspn(text, "0123456789") != strlen(text) || !*text)
        return FF_ECORRUPT;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno ? FF_ECORRUPT : 0;
}

static int check_format(struct ff_head *h, char *why)
{
    h->format = strtol(ff_head_text(h, "format"), NULL, 10);
    if (h->format < 1)
        return ff_refuse(why, FF_ECORRUPT, "it names no format version");
    if (h->format > FF_SNAPSHOT_FORMAT)
        return ff_refuse(why, FF_EVERSION,
                         "its format is %ld, this program knows up to %d",
                         h->format, FF_SNAPSHOT_FORMAT);
    return 0;
}

int ff_head_read(struct ff_head *h, const uint8_t *bytes, size_t n,
                 char why[FF_WHY_MAX])
{
    *h = (struct ff_head){0};
    int status = ff_head_length(bytes, n, &h->length, why);
    if (status)
        return status;
    h->root = ff_json_parse((const char *)bytes + 8, h->length, &status);
    if (status)
        return ff_refuse(why, status, "its header is not readable");
    h->meta = json_object_get(h->root, "__metadata__");
    status = check_format(h, why);
    if (status)
        ff_head_release(h);
    return status;
}

void ff_head_release(struct ff_head *h)
{
    json_decref(h->root);
    h->root = NULL;
}

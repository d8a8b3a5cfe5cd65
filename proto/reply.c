#include "proto/reply.h"

#include <stdarg.h>
#include <stdio.h>

#include "proto/event.h"
#include "proto/limits.h"
#include "proto/method.h"
#include "proto/pack.h"

static void envelope(struct ffp_buf *b, uint32_t msgid)
{
    ffp_pack_array(b, 4);
    ffp_pack_uint(b, 1);
    ffp_pack_uint(b, msgid);
}

void ffp_reply_begin(struct ffp_buf *b, uint32_t msgid)
{
    envelope(b, msgid);
    ffp_pack_nil(b);
}

void ffp_reply_refusal(struct ffp_buf *b, uint32_t msgid,
                       const struct ffp_error *err)
{
    char text[FFP_WHY_MAX + 64];

    snprintf(text, sizeof text, "%s: %s", ffp_code_name(err->code), err->why);
    envelope(b, msgid);
    ffp_pack_str(b, text);
    ffp_pack_nil(b);
}

void ffp_reply_error(struct ffp_buf *b, uint32_t msgid, enum ffp_code code,
                     const char *fmt, ...)
{
    struct ffp_error err;
    char why[FFP_WHY_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    ffp_error_set(&err, code, "%s", why);
    ffp_reply_refusal(b, msgid, &err);
}

static void pack_method(struct ffp_buf *b, const struct ffp_method_info *m)
{
    size_t options = 0;

    ffp_pack_map(b, 8);
    ffp_kv_str(b, "name", m->name);
    ffp_kv_uint(b, "since", (uint64_t)m->since);
    ffp_kv_str(b, "role", ffp_role_name(m->role));
    ffp_kv_bool(b, "notification", m->notify);
    ffp_pack_str(b, "params");
    ffp_pack_array(b, m->params);
    for (size_t i = 0; i < m->params; i++) {
        const struct ffp_param_info *p = &ffp_param_table[m->param[i]];

        ffp_pack_map(b, 4);
        ffp_kv_str(b, "name", p->name);
        ffp_kv_str(b, "type", p->type);
        ffp_kv_bool(b, "optional", p->optional);
        ffp_kv_str(b, "help", p->help);
    }
    for (size_t i = 0; i < FFP_OPTIONS; i++)
        options += m->options >> i & 1;
    ffp_pack_str(b, "options");
    ffp_pack_array(b, options);
    for (size_t i = 0; i < FFP_OPTIONS; i++) {
        const struct ffp_option_info *o = &ffp_option_table[i];

        if (!(m->options >> i & 1))
            continue;
        ffp_pack_map(b, 3);
        ffp_kv_str(b, "name", o->name);
        ffp_kv_str(b, "type", o->type);
        ffp_kv_str(b, "help", o->help);
    }
    ffp_kv_str(b, "result", m->result);
    ffp_kv_str(b, "help", m->help);
}

void ffp_pack_limits(struct ffp_buf *b)
{
    static const struct {
        const char *name;
        uint64_t value;
    } limits[] = {
#define FFP_LIMIT(NAME, name, value, help) {#name, value},
#include "proto/limits.def"
    };
    size_t n = sizeof limits / sizeof *limits;

    ffp_pack_map(b, n);
    for (size_t i = 0; i < n; i++)
        ffp_kv_uint(b, limits[i].name, limits[i].value);
}

void ffp_pack_api_info(struct ffp_buf *b)
{
    ffp_pack_map(b, 5);
    ffp_kv_uint(b, "protocol", FFP_PROTOCOL);
    ffp_pack_str(b, "methods");
    ffp_pack_array(b, FFP_METHODS);
    for (size_t i = 0; i < FFP_METHODS; i++)
        pack_method(b, &ffp_method_table[i]);
    ffp_pack_str(b, "topics");
    ffp_pack_array(b, FFP_TOPICS);
    for (size_t i = 0; i < FFP_TOPICS; i++) {
        ffp_pack_map(b, 3);
        ffp_kv_str(b, "name", ffp_topic_table[i].name);
        ffp_kv_str(b, "payload", ffp_topic_table[i].payload);
        ffp_kv_str(b, "help", ffp_topic_table[i].help);
    }
    ffp_pack_str(b, "errors");
    ffp_pack_array(b, FFP_CODES);
    for (unsigned i = 0; i < FFP_CODES; i++) {
        ffp_pack_map(b, 2);
        ffp_kv_str(b, "code", ffp_code_name((enum ffp_code)i));
        ffp_kv_str(b, "help", ffp_code_help((enum ffp_code)i));
    }
    ffp_pack_str(b, "limits");
    ffp_pack_limits(b);
}

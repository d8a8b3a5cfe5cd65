#include "proto/param.h"

#include <stdio.h>

#include "proto/event.h"
#include "proto/limits.h"
#include "proto/object.h"

#define KNOWN_MAX 128 /* bytes of a list of options */

static int wrong(struct ffp_error *err, const char *name, const char *must,
                 const msgpack_object *is)
{
    return ffp_error_set(err, FFP_BAD_PARAMS, "%s: must be %s, is %s", name,
                         must, ffp_kind(is));
}

static int not_text(struct ffp_error *err, const char *name)
{
    return ffp_error_set(err, FFP_BAD_PARAMS,
                         "%s: must be UTF-8 without zero bytes", name);
}

/* A str (or a bin, which some peers send for one), well-formed. */
static int take_text(const char *name, const char *must,
                     const msgpack_object *o, struct ffp_str *out,
                     struct ffp_error *err)
{
    if (!ffp_as_text(o, out))
        return wrong(err, name, must, o);
    if (!ffp_text_valid(out->at, out->n))
        return not_text(err, name);
    return 0;
}

static int take_about(const msgpack_object *o, struct ffp_request *r,
                      struct ffp_error *err)
{
    const msgpack_object *client = ffp_get(o, "client");
    const msgpack_object *version = ffp_get(o, "version");

    if (o->type != MSGPACK_OBJECT_MAP)
        return wrong(err, "about", "a map", o);
    if (client &&
        take_text("about.client", "a string", client, &r->client, err) != 0)
        return -1;
    if (version &&
        take_text("about.version", "a string", version, &r->version, err) != 0)
        return -1;
    return 0; /* other keys are news from newer clients */
}

static int take_model(const msgpack_object *o, struct ffp_request *r,
                      struct ffp_error *err)
{
    char quote[FFP_QUOTE_MAX];

    if (!ffp_as_text(o, &r->model))
        return wrong(err, "model", "a string", o);
    if (!ffp_model_name_valid(r->model.at, r->model.n))
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "model: must match [a-z0-9_-]{1,64}, is \"%s\"",
                             ffp_quote(quote, r->model.at, r->model.n));
    return 0;
}

static int take_label(const msgpack_object *o, struct ffp_request *r,
                      struct ffp_error *err)
{
    if (ffp_is_nil(o))
        return 0;
    return take_text("label", "a string or nil", o, &r->label, err);
}

/* A whole number and what follows it; decimal, and as short as it can be, so
   that an id has one spelling. */
static bool take_digits(struct ffp_str *s, uint64_t *out)
{
    size_t n = 0;
    uint64_t v = 0;

    for (; n < s->n && s->at[n] >= '0' && s->at[n] <= '9'; n++) {
        unsigned digit = (unsigned)(s->at[n] - '0');

        if (v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    if (n == 0 || (n > 1 && s->at[0] == '0'))
        return false;
    s->at += n;
    s->n -= n;
    *out = v;
    return true;
}

static int take_id(const msgpack_object *o, struct ffp_request *r,
                   struct ffp_error *err)
{
    char quote[FFP_QUOTE_MAX];
    struct ffp_str is, rest;

    if (!ffp_as_text(o, &is))
        return wrong(err, "id", "a string", o);
    rest = is;
    if (take_digits(&rest, &r->id.epoch) && rest.n > 0 && *rest.at == ':') {
        rest.at++;
        rest.n--;
        if (take_digits(&rest, &r->id.counter) && rest.n == 0)
            return 0;
    }
    return ffp_error_set(err, FFP_BAD_PARAMS,
                         "id: must be \"epoch:counter\", as learn answered, "
                         "is \"%s\"",
                         ffp_quote(quote, is.at, is.n));
}

static int take_labels(const msgpack_object *o, struct ffp_request *r,
                       struct ffp_error *err)
{
    struct ffp_str label;

    if (ffp_is_nil(o))
        return 0;
    if (o->type != MSGPACK_OBJECT_ARRAY)
        return wrong(err, "labels", "an array or nil", o);
    for (size_t i = 0; i < o->via.array.size; i++) {
        const msgpack_object *item = &o->via.array.ptr[i];

        if (ffp_is_nil(item))
            continue;
        if (!ffp_as_text(item, &label))
            return ffp_error_set(err, FFP_BAD_PARAMS,
                                 "labels[%zu]: must be a string or nil, is %s",
                                 i, ffp_kind(item));
        if (!ffp_text_valid(label.at, label.n))
            return ffp_error_set(err, FFP_BAD_PARAMS,
                                 "labels[%zu]: must be UTF-8 without zero "
                                 "bytes",
                                 i);
    }
    r->labels = o;
    return 0;
}

/* "known: a, b" for a sentence about a key that is not. */
static int unknown_key(struct ffp_error *err, const char *name,
                       const msgpack_object *key, const char *known)
{
    char quote[FFP_QUOTE_MAX];
    struct ffp_str is;

    if (!ffp_as_text(key, &is))
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "%s: keys must be strings, one is %s", name,
                             ffp_kind(key));
    return ffp_error_set(err, FFP_BAD_PARAMS, "%s: unknown key \"%s\"; %s%s",
                         name, ffp_quote(quote, is.at, is.n),
                         *known ? "known: " : "it takes none", known);
}

static int take_amount(const msgpack_object *o, struct ffp_request *r,
                       struct ffp_error *err)
{
    struct ffp_str key;

    if (o->type != MSGPACK_OBJECT_MAP)
        return wrong(err, "amount", "a map", o);
    for (size_t i = 0; i < o->via.map.size; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];

        if (!ffp_as_text(&kv->key, &key) || !ffp_str_is(key, "frames"))
            return unknown_key(err, "amount", &kv->key, "frames");
        if (!ffp_as_uint(&kv->val, &r->amount_frames) || !r->amount_frames)
            return ffp_error_set(err, FFP_BAD_PARAMS,
                                 "amount.frames: must be an integer from 1");
    }
    return 0;
}

static int take_count(const msgpack_object *o, struct ffp_request *r,
                      struct ffp_error *err)
{
    if (!ffp_as_uint(o, &r->count))
        return wrong(err, "n", "an integer from 1", o);
    if (r->count == 0)
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "n: must be an integer from 1, is 0");
    return 0;
}

static int take_version(const msgpack_object *o, struct ffp_request *r,
                        struct ffp_error *err)
{
    char quote[FFP_QUOTE_MAX];

    if (!ffp_as_text(o, &r->snapshot))
        return wrong(err, "version", "a string", o);
    if (!ffp_model_name_valid(r->snapshot.at, r->snapshot.n))
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "version: must be a record in decimal or a name "
                             "that matches [a-z0-9_-]{1,64}, is \"%s\"",
                             ffp_quote(quote, r->snapshot.at, r->snapshot.n));
    return 0;
}

static int take_whole(const char *name, const msgpack_object *o, uint64_t *out,
                      struct ffp_error *err)
{
    return ffp_as_uint(o, out) ? 0 : wrong(err, name, "an integer from 0", o);
}

static int take_data(const msgpack_object *o, struct ffp_request *r,
                     struct ffp_error *err)
{
    return ffp_as_bin(o, &r->data, &r->data_bytes)
               ? 0
               : wrong(err, "data", "a bin", o);
}

static const char *list_topics(char out[KNOWN_MAX])
{
    size_t n = 0;

    for (unsigned i = 0; i < FFP_TOPICS && n < KNOWN_MAX; i++)
        n += (size_t)snprintf(out + n, KNOWN_MAX - n, "%s%s", i ? ", " : "",
                              ffp_topic_table[i].name);
    return out;
}

static int take_topics(const msgpack_object *o, struct ffp_request *r,
                       struct ffp_error *err)
{
    char quote[FFP_QUOTE_MAX], list[KNOWN_MAX];

    if (o->type != MSGPACK_OBJECT_ARRAY)
        return wrong(err, "topics", "an array", o);
    for (size_t i = 0; i < o->via.array.size; i++) {
        const msgpack_object *item = &o->via.array.ptr[i];
        enum ffp_topic topic;
        struct ffp_str name;

        if (!ffp_as_text(item, &name))
            return ffp_error_set(err, FFP_BAD_PARAMS,
                                 "topics[%zu]: must be a string, is %s", i,
                                 ffp_kind(item));
        topic = ffp_topic_find(name.at, name.n);
        if (topic == FFP_TOPICS)
            return ffp_error_set(err, FFP_BAD_PARAMS,
                                 "topics[%zu]: there is no topic \"%s\"; "
                                 "known: %s",
                                 i, ffp_quote(quote, name.at, name.n),
                                 list_topics(list));
        r->topics |= 1u << topic;
    }
    return 0;
}

static int take_name(const msgpack_object *o, struct ffp_opts *opts,
                     struct ffp_error *err)
{
    char quote[FFP_QUOTE_MAX];

    if (!ffp_as_text(o, &opts->name))
        return wrong(err, "opts.name", "a string", o);
    if (!ffp_snapshot_name_valid(opts->name.at, opts->name.n))
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "opts.name: must match [a-z0-9_-]{1,64} and not "
                             "be digits alone, is \"%s\"",
                             ffp_quote(quote, opts->name.at, opts->name.n));
    return 0;
}

static int take_key(const msgpack_object *o, struct ffp_str *out,
                    struct ffp_error *err)
{
    if (!ffp_as_text(o, out))
        return wrong(err, "opts.stream", "a string", o);
    if (out->n < 1 || out->n > FFP_STREAM_MAX ||
        !ffp_text_valid(out->at, out->n))
        return ffp_error_set(err, FFP_BAD_PARAMS,
                             "opts.stream: must be 1 to %d bytes of UTF-8 "
                             "without zero bytes",
                             FFP_STREAM_MAX);
    return 0;
}

/* One stream, or where there are many samples one of each. */
static int take_stream(const msgpack_object *o, struct ffp_request *r,
                       struct ffp_error *err)
{
    struct ffp_str key;

    if (o->type != MSGPACK_OBJECT_ARRAY || r->method != FFP_M_learn_batch)
        return take_key(o, &r->opts.stream, err);
    for (size_t i = 0; i < o->via.array.size; i++) {
        if (take_key(&o->via.array.ptr[i], &key, err) != 0)
            return -1;
    }
    r->opts.streams = o;
    return 0;
}

static int take_length(const msgpack_object *o, struct ffp_opts *opts,
                       struct ffp_error *err)
{
    if (ffp_as_uint(o, &opts->length) && opts->length >= 1 &&
        opts->length <= FFP_GENERATE_MAX)
        return 0;
    return ffp_error_set(err, FFP_BAD_PARAMS,
                         "opts.n: must be an integer from 1 to %d",
                         FFP_GENERATE_MAX);
}

static int take_temperature(const msgpack_object *o, struct ffp_opts *opts,
                            struct ffp_error *err)
{
    if (ffp_as_double(o, &opts->temperature) && opts->temperature >= 0.01 &&
        opts->temperature <= 100)
        return 0;
    return ffp_error_set(err, FFP_BAD_PARAMS,
                         "opts.temperature: must be a number from 0.01 to 100");
}

static int take_option(enum ffp_option key, const msgpack_object *o,
                       struct ffp_request *r, struct ffp_error *err)
{
    struct ffp_opts *opts = &r->opts;
    struct ffp_str word;

    switch (key) {
    case FFP_O_ACK:
        if (ffp_as_text(o, &word) && ffp_str_is(word, "received"))
            opts->ack = FFP_ACK_RECEIVED;
        else if (ffp_as_text(o, &word) && ffp_str_is(word, "applied"))
            opts->ack = FFP_ACK_APPLIED;
        else if (ffp_as_text(o, &word) && ffp_str_is(word, "durable"))
            opts->ack = FFP_ACK_DURABLE;
        else
            return ffp_error_set(err, FFP_BAD_PARAMS,
                                 "opts.ack: must be \"received\", "
                                 "\"applied\" or \"durable\"");
        return 0;
    case FFP_O_STREAM:
        return take_stream(o, r, err);
    case FFP_O_END:
        return ffp_as_bool(o, &opts->end)
                   ? 0
                   : wrong(err, "opts.end", "true or false", o);
    case FFP_O_OBSERVE:
        return ffp_as_bool(o, &opts->observe)
                   ? 0
                   : wrong(err, "opts.observe", "true or false", o);
    case FFP_O_PROMPT:
        return ffp_as_text(o, &opts->prompt)
                   ? 0
                   : wrong(err, "opts.prompt", "a string", o);
    case FFP_O_LENGTH:
        return take_length(o, opts, err);
    case FFP_O_TEMPERATURE:
        return take_temperature(o, opts, err);
    case FFP_O_SEED:
        return take_whole("opts.seed", o, &opts->seed, err);
    case FFP_O_LIST:
        return ffp_as_bool(o, &opts->list)
                   ? 0
                   : wrong(err, "opts.list", "true or false", o);
    case FFP_O_FRESH:
        return ffp_as_bool(o, &opts->fresh)
                   ? 0
                   : wrong(err, "opts.fresh", "true or false", o);
    case FFP_O_DETAIL:
        return ffp_as_bool(o, &opts->detail)
                   ? 0
                   : wrong(err, "opts.detail", "true or false", o);
    case FFP_O_WAIT:
        return ffp_as_bool(o, &opts->wait)
                   ? 0
                   : wrong(err, "opts.wait", "true or false", o);
    case FFP_O_DIGEST:
        return ffp_as_bool(o, &opts->digest)
                   ? 0
                   : wrong(err, "opts.digest", "true or false", o);
    case FFP_O_NAME:
        return take_name(o, opts, err);
    case FFP_OPTIONS:
        break;
    }
    return ffp_error_set(err, FFP_INTERNAL, "opts: no such option");
}

/* The option of that name among those that the method takes. */
static enum ffp_option find_option(unsigned known, const msgpack_object *key)
{
    struct ffp_str word;

    if (!ffp_as_text(key, &word))
        return FFP_OPTIONS;
    for (unsigned i = 0; i < FFP_OPTIONS; i++) {
        if (known >> i & 1 && ffp_str_is(word, ffp_option_table[i].name))
            return (enum ffp_option)i;
    }
    return FFP_OPTIONS;
}

static const char *list_options(unsigned known, char out[KNOWN_MAX])
{
    size_t n = 0;

    out[0] = '\0';
    for (unsigned i = 0; i < FFP_OPTIONS && n < KNOWN_MAX; i++) {
        if (known >> i & 1)
            n += (size_t)snprintf(out + n, KNOWN_MAX - n, "%s%s", n ? ", " : "",
                                  ffp_option_table[i].name);
    }
    return out;
}

static int take_opts(const msgpack_object *o, struct ffp_request *r,
                     struct ffp_error *err)
{
    unsigned known = ffp_method_table[r->method].options;
    char list[KNOWN_MAX];

    if (o->type != MSGPACK_OBJECT_MAP)
        return wrong(err, "opts", "a map", o);
    for (size_t i = 0; i < o->via.map.size; i++) {
        const msgpack_object_kv *kv = &o->via.map.ptr[i];
        enum ffp_option key = find_option(known, &kv->key);

        if (key == FFP_OPTIONS)
            return unknown_key(err, "opts", &kv->key,
                               list_options(known, list));
        if (take_option(key, &kv->val, r, err) != 0)
            return -1;
        r->opts.given |= 1u << key;
    }
    return 0;
}

int ffp_param_take(enum ffp_param kind, const msgpack_object *o,
                   struct ffp_request *r, struct ffp_error *err)
{
    const struct ffp_param_info *p = &ffp_param_table[kind];

    if (p->optional && ffp_is_nil(o))
        return 0;
    if (!ffp_is_nil(o))
        r->given |= 1u << kind;
    switch (kind) {
    case FFP_P_ABOUT:
        return take_about(o, r, err);
    case FFP_P_TOKEN:
        return take_text(p->name, "a string", o, &r->token, err);
    case FFP_P_MODEL:
    case FFP_P_MODEL_OR_NIL:
        return take_model(o, r, err);
    case FFP_P_SPEC:
        return take_text(p->name, "a string", o, &r->spec, err);
    case FFP_P_FRAME:
        return ffp_frames_read(&r->frames, p->name, false, o, err);
    case FFP_P_FRAME_OR_NIL:
        r->frames.name = p->name;
        r->frames.form = FFP_FORM_NIL;
        if (ffp_is_nil(o))
            return 0;
        return ffp_frames_read(&r->frames, p->name, false, o, err);
    case FFP_P_FRAMES:
        return ffp_frames_read(&r->frames, p->name, true, o, err);
    case FFP_P_LABEL:
        return take_label(o, r, err);
    case FFP_P_LABELS:
        return take_labels(o, r, err);
    case FFP_P_ID:
        return take_id(o, r, err);
    case FFP_P_LATE_LABEL:
    case FFP_P_FROM:
    case FFP_P_THAT_LABEL:
        return take_text(p->name, "a string", o, &r->label, err);
    case FFP_P_TO:
        return take_text(p->name, "a string", o, &r->to, err);
    case FFP_P_AMOUNT:
        return take_amount(o, r, err);
    case FFP_P_COUNT:
        return take_count(o, r, err);
    case FFP_P_VERSION:
    case FFP_P_VERSION_OR_NIL:
        return take_version(o, r, err);
    case FFP_P_OFFSET:
        return take_whole(p->name, o, &r->offset, err);
    case FFP_P_TOTAL:
        return take_whole(p->name, o, &r->total, err);
    case FFP_P_DATA:
        return take_data(o, r, err);
    case FFP_P_TOPICS:
        return take_topics(o, r, err);
    case FFP_P_OPTS:
        return take_opts(o, r, err);
    case FFP_PARAMS:
        break;
    }
    return ffp_error_set(err, FFP_INTERNAL, "no such kind of parameter");
}

#include "tests/proto/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/alloc.h"
#include "proto/client.h"
#include "proto/object.h"

const struct golden goldens[] = {
#define FFP_GOLDEN(name, documented, hex, says) {#name, documented, hex, says},
#include "tests/proto/golden.def"
};

const size_t goldens_n = sizeof goldens / sizeof *goldens;

uint8_t *from_hex(const char *hex, size_t *n)
{
    uint8_t *bytes = malloc((strlen(hex) + 1) / 3);

    assert_non_null(bytes);
    *n = 0;
    for (const char *p = hex; *p; p += p[2] ? 3 : 2)
        bytes[(*n)++] = (uint8_t)strtoul(p, NULL, 16);
    return bytes;
}

struct line {
    char *out;
    size_t n;
};

static void say(struct line *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct line *l, const char *fmt, ...)
{
    va_list args;
    int n = 0;

    va_start(args, fmt);
    n = vsnprintf(l->out + l->n, SAYS_MAX - l->n, fmt, args);
    va_end(args);
    l->n += (size_t)n < SAYS_MAX - l->n ? (size_t)n : SAYS_MAX - l->n - 1;
}

static void say_text(struct line *l, const char *name, struct ffp_str s)
{
    if (s.at)
        say(l, " %s=%.*s", name, (int)s.n, s.at);
}

static void say_frames(struct line *l, const struct ffp_frames *f)
{
    say(l, " %s=", f->name);
    if (f->form == FFP_FORM_ARRAY) {
        say(l, "array:%zu", ffp_size(f->items));
        return;
    }
    if (f->form == FFP_FORM_TENSOR) {
        say(l, "tensor:%s:", ffp_dtype_name(f->dtype));
        for (size_t i = 0; i < f->rank; i++)
            say(l, "%s%zu", i ? "x" : "", f->shape[i]);
        say(l, ":%zu", f->data_bytes);
    } else if (f->form == FFP_FORM_NIL) {
        say(l, "nil");
    } else {
        say(l, "bin:%zu", f->data_bytes);
    }
}

static void say_labels(struct line *l, const struct ffp_request *r)
{
    say(l, " labels=%s", r->labels ? "" : "nil");
    for (size_t i = 0; i < ffp_size(r->labels); i++) {
        struct ffp_str s = ffp_labels_at(r, i);

        say(l, "%s%.*s", i ? "," : "", s.at ? (int)s.n : 3,
            s.at ? s.at : "nil");
    }
}

static void say_topics(struct line *l, unsigned topics)
{
    const char *comma = "";

    say(l, " topics=");
    for (size_t i = 0; i < FFP_TOPICS; i++) {
        if (!(topics >> i & 1))
            continue;
        say(l, "%s%s", comma, ffp_topic_table[i].name);
        comma = ",";
    }
}

static void say_opts(struct line *l, const struct ffp_opts *o)
{
    static const char *const acks[] = {
        [FFP_ACK_RECEIVED] = "received",
        [FFP_ACK_APPLIED] = "applied",
        [FFP_ACK_DURABLE] = "durable",
    };

    if (o->given >> FFP_O_ACK & 1)
        say(l, " ack=%s", acks[o->ack]);
    if (o->streams)
        say(l, " stream=%zu", ffp_size(o->streams));
    say_text(l, "stream", o->stream);
    if (o->given >> FFP_O_END & 1)
        say(l, " end=%s", o->end ? "true" : "false");
    if (o->given >> FFP_O_OBSERVE & 1)
        say(l, " observe=%s", o->observe ? "true" : "false");
    if (o->given >> FFP_O_PROMPT & 1)
        say(l, " prompt=%.*s", (int)o->prompt.n, o->prompt.at);
    if (o->given >> FFP_O_LENGTH & 1)
        say(l, " n=%llu", (unsigned long long)o->length);
    if (o->given >> FFP_O_TEMPERATURE & 1)
        say(l, " temperature=%g", o->temperature);
    if (o->given >> FFP_O_SEED & 1)
        say(l, " seed=%llu", (unsigned long long)o->seed);
    if (o->given >> FFP_O_LIST & 1)
        say(l, " list=%s", o->list ? "true" : "false");
    if (o->given >> FFP_O_FRESH & 1)
        say(l, " fresh=%s", o->fresh ? "true" : "false");
    if (o->given >> FFP_O_DETAIL & 1)
        say(l, " detail=%s", o->detail ? "true" : "false");
    if (o->given >> FFP_O_WAIT & 1)
        say(l, " wait=%s", o->wait ? "true" : "false");
    if (o->given >> FFP_O_NAME & 1)
        say_text(l, "name", o->name);
    if (o->given >> FFP_O_DIGEST & 1)
        say(l, " digest=%s", o->digest ? "true" : "false");
}

static void say_request(struct line *l, const struct ffp_request *r)
{
    const struct ffp_method_info *m = &ffp_method_table[r->method];

    if (r->notification)
        say(l, "notification %s", m->name);
    else
        say(l, "request %u %s", r->msgid, m->name);
    say_text(l, "client", r->client);
    say_text(l, "token", r->token);
    say_text(l, "version", r->version);
    say_text(l, "model", r->model);
    if (r->spec.at)
        say(l, " spec=%zu", r->spec.n);
    if (r->frames.name)
        say_frames(l, &r->frames);
    if (r->given >> FFP_P_ID & 1)
        say(l, " id=%ju:%ju", (uintmax_t)r->id.epoch, (uintmax_t)r->id.counter);
    if (r->method == FFP_M_label || r->method == FFP_M_labels_forget)
        say_text(l, "label", r->label);
    else if (r->to.at)
        say_text(l, "from", r->label);
    say_text(l, "to", r->to);
    if (r->method == FFP_M_learn)
        say_text(l, "label",
                 r->label.at ? r->label : (struct ffp_str){"nil", 3});
    if (r->method == FFP_M_learn_batch)
        say_labels(l, r);
    if (r->amount_frames)
        say(l, " amount=%ju", (uintmax_t)r->amount_frames);
    if (r->count)
        say(l, " n=%ju", (uintmax_t)r->count);
    say_text(l, "version", r->snapshot);
    if (r->given >> FFP_P_OFFSET & 1)
        say(l, " offset=%ju", (uintmax_t)r->offset);
    if (r->given >> FFP_P_DATA & 1)
        say(l, " data=%zu", r->data_bytes);
    if (r->given >> FFP_P_TOTAL & 1)
        say(l, " total=%ju", (uintmax_t)r->total);
    if (r->given >> FFP_P_TOPICS & 1)
        say_topics(l, r->topics);
    say_opts(l, &r->opts);
}

static void say_response(struct line *l, const struct ffp_response *r)
{
    say(l, "response %u ", r->msgid);
    if (r->is_error)
        say(l, "error %s: %.*s", ffp_code_name(r->code), (int)r->why.n,
            r->why.at);
    else
        say(l, "ok");
}

static void describe_request(struct line *l, struct ffp_decoder *d,
                             const uint8_t *bytes, size_t n)
{
    struct ffp_request request;
    struct ffp_error err = {FFP_CODES, ""};

    switch (ffp_decode(d, bytes, n, &request, &err)) {
    case FFP_REQUEST:
        say_request(l, &request);
        return;
    case FFP_REFUSED:
        if (request.notification)
            say(l, "refused notification ");
        else
            say(l, "refused %u ", request.msgid);
        break;
    case FFP_IGNORED:
        say(l, "ignored");
        return;
    case FFP_FATAL:
        say(l, "fatal ");
        break;
    }
    say(l, "%s: %s", ffp_code_name(err.code), err.why);
}

const char *describe(struct ffp_decoder *d, const uint8_t *bytes, size_t n,
                     char out[SAYS_MAX])
{
    struct line l = {out, 0};
    struct ffp_response response;

    out[0] = '\0';
    if (n < 2 || bytes[0] != 0x94 || bytes[1] != 1)
        describe_request(&l, d, bytes, n);
    else if (ffp_receive(d, bytes, n, &response) == FFP_RESPONSE)
        say_response(&l, &response);
    else
        say(&l, "garbled");
    return out;
}

uint32_t next_random(uint64_t *seed)
{
    /* Knuth's linear congruence; the high half is random enough here. */
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 32);
}

static unsigned calls, fails_from;

static void *failing_realloc(void *p, size_t n)
{
    calls++;
    if (fails_from && calls >= fails_from)
        return NULL;
    return realloc(p, n);
}

void fail_allocation(unsigned k)
{
    calls = 0;
    fails_from = k;
    ffp_realloc = failing_realloc;
}

unsigned allocations(void)
{
    return calls;
}

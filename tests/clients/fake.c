#include "tests/clients/fake.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/event.h"
#include "proto/pack.h"
#include "proto/reply.h"
#include "tests/clients/support.h"

#define VALUES 4

void peer_init(struct peer *p, int fd)
{
    p->fd = fd;
    ffp_stream_init(&p->in, FFP_MAX_MESSAGE_BYTES);
    ffp_decoder_init(&p->decoder);
    ffp_buf_init(&p->out, FFP_MAX_MESSAGE_BYTES);
}

void peer_release(struct peer *p)
{
    ffp_stream_release(&p->in);
    ffp_decoder_release(&p->decoder);
    ffp_buf_release(&p->out);
    close(p->fd);
}

void pair(struct ffc **c, struct peer *p)
{
    int fd[2];
    char why[FFC_WHY_MAX];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    assert_int_equal(ffc_open_fd(c, fd[0], NULL, why), FFC_OK);
    peer_init(p, fd[1]);
}

void unpair(struct ffc *c, struct peer *p)
{
    ffc_close(c);
    peer_release(p);
}

int peer_next(struct peer *p, struct ffp_request *r)
{
    const uint8_t *message;
    uint8_t *at;
    size_t n, room;
    struct ffp_error err;
    while (ffp_stream_next(&p->in, &message, &n) != FFP_STREAM_MESSAGE) {
        if (ffp_stream_reserve(&p->in, &at, &room) < 0)
            return 0;
        ssize_t got = read(p->fd, at, room);
        if (got <= 0)
            return 0;
        ffp_stream_commit(&p->in, (size_t)got);
    }
    return ffp_decode(&p->decoder, message, n, r, &err) == FFP_REQUEST;
}

void peer_send(struct peer *p)
{
    size_t done = 0;
    while (done < p->out.n) {
        ssize_t n =
            send(p->fd, p->out.data + done, p->out.n - done, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    ffp_buf_clear(&p->out);
}

static void answer_models(struct ffp_buf *b)
{
    ffp_pack_array(b, 1);
    ffp_pack_map(b, 3);
    ffp_kv_str(b, "name", "m");
    ffp_pack_str(b, "input");
    ffp_pack_map(b, 2);
    ffp_pack_str(b, "shape");
    ffp_pack_array(b, 2);
    ffp_pack_uint(b, 2);
    ffp_pack_uint(b, 2);
    ffp_kv_str(b, "dtype", "u8");
    ffp_pack_str(b, "labels");
    ffp_pack_array(b, 0);
}

static void answer_learn(struct fake *f, struct ffp_buf *b,
                         const struct ffp_request *r)
{
    size_t n = r->frames.data_bytes / VALUES, right = 0, labelled = 0;
    char id[32];
    if (f->busy > 0) {
        f->busy--;
        ffp_reply_error(b, r->msgid, FFP_BUSY, "later; retry_after_ms 1");
        return;
    }
    if (f->drop > 0) {
        f->drop--;
        ffp_reply_error(b, r->msgid, FFP_DROPPED, "too slow");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        char text[8];
        struct ffp_str label =
            r->method == FFP_M_learn ? r->label : ffp_labels_at(r, i);
        snprintf(text, sizeof text, "%u", (unsigned)r->frames.data[i * VALUES]);
        labelled += label.at != NULL;
        right += label.at && ffp_str_is(label, text);
        if (f->taken < sizeof f->labels - 1) {
            f->labels[f->taken] = *(label.at ? label.at : "-");
            f->first[f->taken] = r->frames.data[i * VALUES];
        }
        f->taken++;
    }
    snprintf(id, sizeof id, "1:%zu", f->taken - n);
    ffp_reply_begin(b, r->msgid);
    ffp_pack_map(b, 6);
    ffp_kv_str(b, r->method == FFP_M_learn ? "id" : "first_id", id);
    ffp_kv_uint(b, "n", n);
    ffp_kv_uint(b, "seq", f->taken);
    ffp_kv_uint(b, "step", 1);
    if (f->silent > 0) {
        f->silent--;
        ffp_kv_nil(b, "right");
    } else {
        ffp_kv_uint(b, "right", right);
    }
    ffp_kv_uint(b, "labelled", labelled);
}

static void answer_label(struct fake *f, struct ffp_buf *b,
                         const struct ffp_request *r)
{
    uint64_t i = r->id.counter;
    bool waits = r->id.epoch == 1 && i < f->taken && f->labels[i] == '-';
    if (!waits || f->forgotten > 0) {
        f->forgotten -= f->forgotten > 0;
        ffp_reply_error(b, r->msgid, FFP_UNKNOWN_ID, "no frame waits");
        return;
    }
    f->labels[i] = *r->label.at;
    f->gap[i] = f->taken - 1 - i;
    ffp_reply_begin(b, r->msgid);
    ffp_pack_map(b, 0);
}

static void answer_predict(struct ffp_buf *b, const struct ffp_request *r)
{
    size_t n = r->frames.data_bytes / VALUES;
    const uint8_t *x = r->frames.data;
    bool one = r->method == FFP_M_predict;
    char text[8];
    ffp_pack_map(b, 5);
    ffp_pack_str(b, one ? "label" : "labels");
    if (!one)
        ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof text, "%u", (unsigned)x[i * VALUES]);
        ffp_pack_str(b, text);
    }
    ffp_pack_str(b, "confidence");
    if (!one)
        ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_float(b, 0.75F);
    ffp_pack_str(b, "novelty");
    if (!one)
        ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_float(b, (float)x[i * VALUES + 1] / 255.0F);
    ffp_pack_str(b, "typicality");
    if (!one)
        ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++)
        ffp_pack_float(b, 1 - (float)x[i * VALUES + 1] / 255.0F);
    ffp_kv_uint(b, "step", 42);
}

/* 17 keys. */
static void answer_status(struct ffp_buf *b, const struct ffp_request *r)
{
    static const struct {
        const char *key;
        uint64_t n;
    } counts[] = {{"seq", 125},        {"labelled", 75}, {"late", 20},
                  {"missed", 5},       {"pending", 25},  {"pseudo", 3},
                  {"held_out", 4},     {"fits", 2},      {"error_alarms", 1},
                  {"level_alarms", 2}, {"drifted", 60}};
    ffp_pack_map(b, 17);
    ffp_kv_str(b, "state", "awake");
    ffp_pack_str(b, "labels");
    ffp_pack_array(b, 2);
    ffp_pack_str(b, "7");
    ffp_pack_str(b, "a label");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        ffp_kv_uint(b, counts[i].key, counts[i].n);
    ffp_kv_uint(b, "record", 12);
    ffp_kv_str(b, "digest", r->opts.digest ? "0123abcd" : NULL);
    ffp_kv_bool(b, "fitting", true);
    ffp_kv_float(b, "prequential_accuracy", 0.25F);
}

static void answer_stats(const struct fake *f, struct ffp_buf *b)
{
    ffp_pack_map(b, 1);
    ffp_pack_str(b, "daemon");
    ffp_pack_map(b, 2);
    ffp_kv_uint(b, "epoch", 3);
    ffp_pack_str(b, "journal");
    if (f->no_journal) {
        ffp_pack_nil(b);
        return;
    }
    ffp_pack_map(b, 7);
    ffp_kv_str(b, "durability", "normal");
    ffp_kv_uint(b, "bytes", 12345678);
    ffp_kv_uint(b, "waiting_bytes", 999);
    ffp_kv_uint(b, "commits", 12);
    ffp_kv_uint(b, "records", 345);
    ffp_kv_uint(b, "failures", 6);
    ffp_kv_str(b, "trouble", f->trouble ? "no space left" : NULL);
}

static void answer_hand(struct fake *f, struct ffp_buf *b,
                        const struct ffp_request *r)
{
    bool forget = r->method == FFP_M_labels_forget;
    if (ffp_str_is(r->label, "none")) {
        ffp_reply_error(b, r->msgid, FFP_UNKNOWN_LABEL, "no such label");
        return;
    }
    snprintf(f->hand, sizeof f->hand, "%s %.*s %.*s",
             ffp_method_table[r->method].name, (int)r->label.n, r->label.at,
             (int)r->to.n, forget ? "" : r->to.at);
    ffp_reply_begin(b, r->msgid);
    ffp_pack_map(b, forget ? 2 : 1);
    ffp_kv_uint(b, "record", 13);
    if (forget)
        ffp_kv_uint(b, "versions", 2);
}

/* Of learn and label; whether its acknowledgement can be given. */
static bool promise(struct fake *f, struct ffp_buf *b,
                    const struct ffp_request *r)
{
    f->acks[r->opts.ack]++;
    if (!f->no_journal || r->opts.ack != FFP_ACK_DURABLE)
        return true;
    ffp_reply_error(b, r->msgid, FFP_NOT_DURABLE, "there is no journal");
    return false;
}

/* An event of each topic at once. */
static void answer_subscribe(struct ffp_buf *b, const struct ffp_request *r)
{
    ffp_pack_map(b, 1);
    ffp_pack_str(b, "topics");
    ffp_pack_topics(b, r->topics);
    for (unsigned i = 0; i < FFP_TOPICS; i++) {
        if (!(r->topics >> i & 1))
            continue;
        ffp_event_begin(b, (enum ffp_topic)i);
        ffp_pack_map(b, 3);
        ffp_kv_str(b, "model", "m");
        ffp_kv_str(b, "state", "asleep");
        ffp_kv_uint(b, "seq", 12);
    }
}

static void answer_auth(struct fake *f, struct ffp_buf *b,
                        const struct ffp_request *r)
{
    snprintf(f->token, sizeof f->token, "%.*s", (int)r->token.n, r->token.at);
    if (strcmp(f->token, "good") != 0) {
        ffp_reply_error(b, r->msgid, FFP_BAD_TOKEN, "not one of ours");
        return;
    }
    ffp_reply_begin(b, r->msgid);
    ffp_pack_map(b, 1);
    ffp_kv_str(b, "role", "feed");
}

static void answer(struct fake *f, struct ffp_buf *b,
                   const struct ffp_request *r)
{
    if (r->method == FFP_M_auth) {
        answer_auth(f, b, r);
        return;
    }
    f->early |= !f->token[0];
    if (r->method == FFP_M_learn || r->method == FFP_M_learn_batch) {
        if (promise(f, b, r))
            answer_learn(f, b, r);
        return;
    }
    if (r->method == FFP_M_label) {
        if (promise(f, b, r))
            answer_label(f, b, r);
        return;
    }
    if (r->model.at && !ffp_str_is(r->model, "m")) {
        ffp_reply_error(b, r->msgid, FFP_UNKNOWN_MODEL, "there is no such");
        return;
    }
    if (r->method == FFP_M_labels_rename || r->method == FFP_M_labels_merge ||
        r->method == FFP_M_labels_forget) {
        answer_hand(f, b, r);
        return;
    }
    ffp_reply_begin(b, r->msgid);
    if (r->method == FFP_M_ping) {
        ffp_pack_str(b, "pong");
    } else if (r->method == FFP_M_api_info) {
        ffp_pack_api_info(b);
    } else if (r->method == FFP_M_subscribe) {
        answer_subscribe(b, r);
    } else if (r->method == FFP_M_models) {
        answer_models(b);
    } else if (r->method == FFP_M_status) {
        answer_status(b, r);
    } else if (r->method == FFP_M_stats) {
        answer_stats(f, b);
    } else if (r->method == FFP_M_predict || r->method == FFP_M_predict_batch) {
        answer_predict(b, r);
    } else if (r->method == FFP_M_generate) {
        ffp_pack_map(b, 2);
        ffp_kv_bin(b, "text", "the \x1b[2J fox", 12);
        ffp_kv_uint(b, "step", r->opts.seed);
    } else if (r->method == FFP_M_dreams) {
        static const uint8_t data[2 * VALUES] = {0, 50, 100, 150, 200, 250};
        ffp_pack_map(b, 4);
        ffp_pack_str(b, "shape");
        ffp_pack_array(b, 2);
        ffp_pack_uint(b, 2);
        ffp_pack_uint(b, 2);
        ffp_kv_str(b, "dtype", "u8");
        ffp_kv_bin(b, "data", data, sizeof data);
        ffp_pack_str(b, "kind");
        ffp_pack_array(b, 2);
        ffp_pack_str(b, "hybrid");
        ffp_pack_str(b, "climb");
    } else {
        ffp_pack_map(b, 1);
        ffp_kv_str(b, "state", "awake");
    }
}

static void *serve(void *arg)
{
    struct fake *f = arg;
    for (;;) {
        int fd = accept(f->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        struct peer p;
        struct ffp_request r;
        peer_init(&p, fd);
        while (peer_next(&p, &r)) {
            answer(f, &p.out, &r);
            peer_send(&p);
        }
        peer_release(&p);
    }
}

void fake_start(struct fake *f)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s", scratch("socket"));
    unlink(to.sun_path);
    snprintf(f->address, sizeof f->address, "unix:%s", to.sun_path);
    f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(f->fd >= 0);
    assert_int_equal(bind(f->fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(listen(f->fd, 8), 0);
    assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
}

void fake_stop(struct fake *f)
{
    (void)shutdown(f->fd, SHUT_RDWR);
    assert_int_equal(pthread_join(f->thread, NULL), 0);
    close(f->fd);
}

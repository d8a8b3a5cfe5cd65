#include <string.h>
#include <sys/socket.h>

#include "clients/c/ffclient.h"
#include "proto/pack.h"
#include "proto/reply.h"
#include "tests/clients/fake.h"
#include "tests/clients/support.h"

static const uint8_t frame[4] = {1, 2, 3, 4};

static void answer(struct peer *p, uint32_t id, uint64_t seq)
{
    ffp_reply_begin(&p->out, id);
    ffp_pack_map(&p->out, 1);
    ffp_kv_uint(&p->out, "seq", seq);
    peer_send(p);
}

void pipeline_matches_answers_that_overtake(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffp_request r;
    struct ffc_reply *reply;
    struct ffc_learned l;
    uint32_t sent[3], got;
    pair(&c, &p);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ffc_learn_send(c, "m", frame, 1, 4, NULL, &sent[i]),
                         FFC_OK);
    assert_int_equal(ffc_pending(c), 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(peer_next(&p, &r), 1);
        assert_int_equal(r.msgid, sent[i]);
        assert_int_equal(r.method, FFP_M_learn);
    }
    for (int i = 2; i >= 0; i--)
        answer(&p, sent[i], 100 + sent[i]);
    for (int i = 2; i >= 0; i--) {
        assert_int_equal(ffc_collect(c, &got, &reply), FFC_OK);
        assert_int_equal(got, sent[i]);
        assert_int_equal(ffc_learned_read(reply, 1, &l), FFC_OK);
        assert_int_equal(l.seq, 100 + sent[i]);
        ffc_reply_free(reply);
    }
    assert_int_equal(ffc_pending(c), 0);
    assert_int_equal(ffc_collect(c, &got, &reply), FFC_EARGUMENT);
    unpair(c, &p);
}

void pipeline_leaves_room_for_a_question(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffc_reply *reply;
    uint32_t sent, got;
    pair(&c, &p);
    assert_int_equal(ffc_learn_send(c, "m", frame, 1, 4, NULL, &sent), FFC_OK);
    answer(&p, sent, 1);
    ffp_reply_begin(&p.out, sent + 1);
    ffp_pack_str(&p.out, "pong");
    peer_send(&p);
    assert_int_equal(ffc_ping(c), FFC_OK);
    assert_int_equal(ffc_collect(c, &got, &reply), FFC_OK);
    assert_int_equal(got, sent);
    ffc_reply_free(reply);
    unpair(c, &p);
}

void pipeline_has_an_end(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    uint32_t id;
    pair(&c, &p);
    for (int i = 0; i < FFC_PIPELINE_MAX; i++)
        assert_int_equal(ffc_learn_send(c, "m", frame, 1, 4, NULL, &id),
                         FFC_OK);
    assert_int_equal(ffc_learn_send(c, "m", frame, 1, 4, NULL, &id),
                     FFC_EARGUMENT);
    assert_int_equal(ffc_ping(c), FFC_EARGUMENT);
    unpair(c, &p);
}

void pipeline_refusal_names_its_request_and_when_to_come_again(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffc_reply *reply;
    uint32_t sent, got;
    pair(&c, &p);
    assert_int_equal(ffc_learn_send(c, "m", frame, 1, 4, NULL, &sent), FFC_OK);
    ffp_reply_error(&p.out, sent, FFP_BUSY, "full; retry_after_ms 25");
    peer_send(&p);
    assert_int_equal(ffc_collect(c, &got, &reply), FFC_EREFUSED);
    assert_int_equal(got, sent);
    assert_string_equal(ffc_refusal(c)->code, "BUSY");
    assert_int_equal(ffc_refusal(c)->retry_after_ms, 25);
    assert_non_null(strstr(ffc_error(c), "full"));
    /* the connection goes on */
    answer(&p, sent + 1, 1);
    assert_int_equal(ffc_learn(c, "m", frame, 4, NULL, NULL), FFC_OK);
    unpair(c, &p);
}

/* Reads nothing but answers at once with much: both buffers fill. */
static void *talkative(void *arg)
{
    static uint8_t filler[1 << 20];
    struct peer *p = arg;
    for (uint32_t id = 1; id <= 4; id++) {
        ffp_reply_begin(&p->out, id);
        ffp_pack_bin(&p->out, filler, sizeof filler);
        peer_send(p);
    }
    struct ffp_request r;
    for (int i = 0; i < 5; i++) {
        if (!peer_next(p, &r))
            return NULL;
    }
    answer(p, 5, 7);
    return p;
}

void pipeline_reads_while_it_writes(void **state)
{
    (void)state;
    static uint8_t frames[1 << 20];
    struct ffc *c;
    struct peer p;
    struct ffc_reply *reply;
    uint32_t id, sum = 0;
    pthread_t thread;
    void *ended;
    pair(&c, &p);
    /* Four small ones, so that their answers are awaited, then a large one,
       which nobody reads before all answers have gone. */
    for (int i = 0; i < 4; i++)
        assert_int_equal(ffc_learn_send(c, "m", frame, 1, 4, NULL, &id),
                         FFC_OK);
    assert_int_equal(pthread_create(&thread, NULL, talkative, &p), 0);
    assert_int_equal(
        ffc_learn_send(c, "m", frames, sizeof frames / 4, 4, NULL, &id),
        FFC_OK);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(ffc_collect(c, &id, &reply), FFC_OK);
        sum += id;
        ffc_reply_free(reply);
    }
    assert_int_equal(sum, 15);
    assert_int_equal(pthread_join(thread, &ended), 0);
    assert_ptr_equal(ended, &p);
    unpair(c, &p);
}

void answer_to_nothing_asked_ends_the_connection(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    pair(&c, &p);
    answer(&p, 77, 1);
    assert_int_equal(ffc_ping(c), FFC_EPROTOCOL);
    assert_int_equal(ffc_ping(c), FFC_ELOST);
    unpair(c, &p);
}

void answer_that_is_a_bomb_ends_the_connection(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    pair(&c, &p);
    assert_int_equal(
        ffp_buf_add(&p.out, "\x94\x01\x01\xc0\xdd\x00\xff\xff\xff", 9), 0);
    peer_send(&p);
    assert_int_equal(ffc_ping(c), FFC_EPROTOCOL);
    unpair(c, &p);
}

void answer_of_another_protocol_is_told(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    pair(&c, &p);
    assert_int_equal(ffp_buf_add(&p.out, "HTTP/1.1 400\r\n", 14), 0);
    peer_send(&p);
    assert_int_equal(ffc_ping(c), FFC_EPROTOCOL);
    assert_non_null(strstr(ffc_error(c), "is this the address of ffd"));
    unpair(c, &p);
}

void connection_that_ends_is_told(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    pair(&c, &p);
    (void)shutdown(p.fd, SHUT_RDWR);
    assert_int_equal(ffc_ping(c), FFC_ELOST);
    unpair(c, &p);
}

#include <string.h>
#include <sys/socket.h>

#include "proto/event.h"
#include "proto/pack.h"
#include "proto/reply.h"
#include "tests/clients/fake.h"
#include "tests/clients/support.h"

static void put_event(struct peer *p, enum ffp_topic topic, uint64_t seq)
{
    ffp_event_begin(&p->out, topic);
    ffp_pack_map(&p->out, 1);
    ffp_kv_uint(&p->out, "seq", seq);
}

static void expect_event(struct ffc *c, const char *topic, int64_t seq)
{
    struct ffc_event e;
    assert_int_equal(ffc_next_event(c, 0, &e), FFC_OK);
    assert_string_equal(e.topic, topic);
    assert_int_equal(ffc_value_int(ffc_value_get(e.payload, "seq"), -1), seq);
    ffc_event_release(&e);
}

void events_come_in_order_between_answers(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffp_request r;
    struct ffc_event e;
    const char *topics[] = {"sleep", "drift"};
    pair(&c, &p);
    put_event(&p, FFP_T_drift, 1);
    ffp_reply_begin(&p.out, 1);
    ffp_pack_map(&p.out, 0);
    put_event(&p, FFP_T_sleep, 2);
    peer_send(&p);
    assert_int_equal(ffc_subscribe(c, topics, 2), FFC_OK);
    assert_int_equal(peer_next(&p, &r), 1);
    assert_int_equal(r.method, FFP_M_subscribe);
    assert_int_equal(r.topics, 1u << FFP_T_sleep | 1u << FFP_T_drift);
    expect_event(c, "drift", 1);
    expect_event(c, "sleep", 2);
    assert_int_equal(ffc_next_event(c, 0, &e), FFC_ETIMEOUT);
    ffp_reply_begin(&p.out, 2);
    ffp_pack_map(&p.out, 0);
    peer_send(&p);
    assert_int_equal(ffc_unsubscribe(c, topics, 1), FFC_OK);
    assert_int_equal(peer_next(&p, &r), 1);
    assert_int_equal(r.method, FFP_M_unsubscribe);
    assert_int_equal(r.topics, 1u << FFP_T_sleep);
    unpair(c, &p);
}

void events_are_not_answers(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffc_reply *reply;
    uint32_t sent, got;
    pair(&c, &p);
    assert_int_equal(ffc_learn_send(c, "m", "abcd", 1, 4, NULL, &sent), FFC_OK);
    put_event(&p, FFP_T_sleep, 1);
    ffp_reply_begin(&p.out, sent);
    ffp_pack_map(&p.out, 0);
    peer_send(&p);
    assert_int_equal(ffc_collect(c, &got, &reply), FFC_OK);
    assert_int_equal(got, sent);
    ffc_reply_free(reply);
    assert_int_equal(ffc_pending(c), 0);
    expect_event(c, "sleep", 1);
    unpair(c, &p);
}

void events_of_a_newer_server_are_passed_over(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    pair(&c, &p);
    /* another notification; an event without a topic */
    assert_int_equal(ffp_buf_add(&p.out,
                                 "\x93\x02\xa5other\x90"
                                 "\x93\x02\xa5"
                                 "event\x91\x07",
                                 9 + 10),
                     0);
    put_event(&p, FFP_T_stats, 5);
    peer_send(&p);
    expect_event(c, "stats", 5);
    unpair(c, &p);
}

void events_that_nobody_takes_are_bounded(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    pair(&c, &p);
    for (uint64_t i = 0; i < FFC_EVENTS_MAX + 3; i++) {
        put_event(&p, FFP_T_sleep, i);
        if (i % 256 == 0) { /* less than a socket holds */
            ffp_reply_begin(&p.out, (uint32_t)(i / 256 + 1));
            ffp_pack_str(&p.out, "pong");
            peer_send(&p);
            assert_int_equal(ffc_ping(c), FFC_OK);
        }
    }
    ffp_reply_begin(&p.out, FFC_EVENTS_MAX / 256 + 2);
    ffp_pack_str(&p.out, "pong");
    peer_send(&p);
    assert_int_equal(ffc_ping(c), FFC_OK);
    assert_int_equal(ffc_events_lost(c), 3);
    for (int64_t i = 0; i < FFC_EVENTS_MAX; i++)
        expect_event(c, "sleep", 3 + i);
    unpair(c, &p);
}

void events_before_the_end_still_come(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffc_event e;
    pair(&c, &p);
    put_event(&p, FFP_T_sleep, 9);
    peer_send(&p);
    (void)shutdown(p.fd, SHUT_RDWR);
    expect_event(c, "sleep", 9);
    assert_int_equal(ffc_next_event(c, -1, &e), FFC_ELOST);
    unpair(c, &p);
}

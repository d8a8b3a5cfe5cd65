#include <string.h>

#include "proto/client.h"
#include "proto/object.h"
#include "proto/pack.h"
#include "tests/proto/support.h"

void events_are_notifications_with_topic_and_payload(void **state)
{
    struct ffp_buf b;
    struct ffp_decoder d;
    struct ffp_response r;
    struct ffp_str topic;
    uint64_t seven = 0;

    (void)state;
    ffp_buf_init(&b, 1024);
    ffp_decoder_init(&d);
    ffp_event_begin(&b, FFP_T_drift);
    ffp_pack_uint(&b, 7);
    assert_int_equal(b.data[0], 0x93);
    assert_int_equal(ffp_receive(&d, b.data, b.n, &r), FFP_NOTIFIED);
    assert_true(ffp_str_is(r.method, "event"));
    assert_int_equal(ffp_size(r.result), 2);
    assert_true(ffp_as_text(ffp_at(r.result, 0), &topic));
    assert_true(ffp_str_is(topic, "drift"));
    assert_true(ffp_as_uint(ffp_at(r.result, 1), &seven));
    assert_int_equal(seven, 7);
    ffp_decoder_release(&d);
    ffp_buf_release(&b);
}

void topics_are_found_by_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < FFP_TOPICS; i++) {
        const char *name = ffp_topic_table[i].name;

        assert_int_equal(ffp_topic_find(name, strlen(name)), i);
        assert_int_equal(ffp_topic_find(name, strlen(name) - 1), FFP_TOPICS);
    }
    assert_int_equal(ffp_topic_find("", 0), FFP_TOPICS);
    assert_int_equal(ffp_topic_find("Sleep", 5), FFP_TOPICS);
}

void topics_of_a_set_are_named_once_each(void **state)
{
    static const uint8_t both[] = "\x92\xa5sleep\xa5stats";
    struct ffp_buf b;

    (void)state;
    ffp_buf_init(&b, 1024);
    ffp_pack_topics(&b, 1u << FFP_T_stats | 1u << FFP_T_sleep);
    assert_int_equal(b.n, sizeof both - 1);
    assert_memory_equal(b.data, both, b.n);
    ffp_buf_clear(&b);
    ffp_pack_topics(&b, 0);
    assert_int_equal(b.n, 1);
    assert_int_equal(b.data[0], 0x90);
    ffp_buf_release(&b);
}

#include "daemon/anomaly.h"

#include <stdio.h>
#include <string.h>

#include "daemon/stream.h"
#include "tests/daemon/support.h"

void anomalies_are_told_at_once_and_then_counted(void **state)
{
    struct ffd_alarms a = {0};

    (void)state;
    assert_int_equal(ffd_alarm(&a, 5), 1);
    assert_int_equal(ffd_alarm(&a, 5), 0);
    assert_int_equal(ffd_alarm(&a, 5 + FFD_ANOMALY_MS - 1), 0);
    assert_int_equal(ffd_alarm(&a, 5 + FFD_ANOMALY_MS), 3);
    assert_int_equal(ffd_alarm(&a, 5 + FFD_ANOMALY_MS), 0);
    assert_int_equal(ffd_alarm(&a, 900000), 2);
}

static struct ffp_str name_of(char text[300], unsigned i, size_t n)
{
    memset(text, 'k', n);
    return (struct ffp_str){text, n + (size_t)snprintf(text + n, 30, "%u", i)};
}

void names_of_streams_are_found_by_their_key(void **state)
{
    struct ffd_stream_names s = {0};
    struct ffp_str none = ffd_stream_names_find(&s, 1);
    char text[300];

    (void)state;
    assert_null(none.at);
    assert_int_equal(ffd_stream_names_init(&s, 64), 0);
    for (unsigned i = 0; i < 64; i++) {
        struct ffp_str name = name_of(text, i, (size_t)i * 3);

        ffd_stream_names_note(&s, ffd_stream_key(name), name);
    }
    for (unsigned i = 0; i < 64; i++) {
        struct ffp_str name = name_of(text, i, (size_t)i * 3);
        struct ffp_str is = ffd_stream_names_find(&s, ffd_stream_key(name));

        assert_int_equal(is.n, name.n);
        assert_memory_equal(is.at, name.at, name.n);
    }
    ffd_stream_names_note(&s, 0, none); /* the stream without a name */
    assert_null(ffd_stream_names_find(&s, 0).at);
    ffd_stream_names_release(&s);
}

void names_of_streams_are_bounded_and_the_newest_is_known(void **state)
{
    struct ffd_stream_names s = {0};
    char text[300];

    (void)state;
    assert_int_equal(ffd_stream_names_init(&s, 65536), 0);
    assert_true(ffd_stream_names_bytes(&s) < (size_t)2 << 20);
    for (unsigned i = 0; i < 50000; i++) {
        struct ffp_str name = name_of(text, i, 1);
        uint64_t key = ffd_stream_key(name);

        ffd_stream_names_note(&s, key, name);
        assert_int_equal(ffd_stream_names_find(&s, key).n, name.n);
    }
    ffd_stream_names_release(&s);
}

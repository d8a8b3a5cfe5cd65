#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "proto/pack.h"
#include "proto/reply.h"
#include "tests/clients/fake.h"
#include "tests/clients/support.h"

/* ---- libffclient -------------------------------------------------------- */

void label_goes_by_the_id_of_its_frame(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffp_request r;
    pair(&c, &p);
    ffp_reply_begin(&p.out, 1);
    ffp_pack_map(&p.out, 0);
    peer_send(&p);
    assert_int_equal(ffc_label(c, "m", "3:41", "seven"), FFC_OK);
    ffp_reply_error(&p.out, 2, FFP_UNKNOWN_ID, "no frame waits");
    peer_send(&p);
    assert_int_equal(ffc_label(c, "m", "3:42", "seven"), FFC_EREFUSED);
    assert_string_equal(ffc_refusal(c)->code, "UNKNOWN_ID");
    assert_int_equal(peer_next(&p, &r), 1);
    assert_int_equal(r.method, FFP_M_label);
    assert_int_equal(r.id.epoch, 3);
    assert_int_equal(r.id.counter, 41);
    assert_true(ffp_str_is(r.label, "seven"));
    unpair(c, &p);
}

void labels_may_be_under_way_together(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffc_reply *reply;
    uint32_t sent[2], got;
    pair(&c, &p);
    for (int i = 0; i < 2; i++)
        assert_int_equal(ffc_label_send(c, "m", "1:1", "a", &sent[i]), FFC_OK);
    ffp_reply_error(&p.out, sent[1], FFP_UNKNOWN_ID, "no frame waits");
    ffp_reply_begin(&p.out, sent[0]);
    ffp_pack_map(&p.out, 0);
    peer_send(&p);
    assert_int_equal(ffc_collect(c, &got, &reply), FFC_EREFUSED);
    assert_int_equal(got, sent[1]);
    assert_int_equal(ffc_collect(c, &got, &reply), FFC_OK);
    assert_int_equal(got, sent[0]);
    ffc_reply_free(reply);
    unpair(c, &p);
}

/* What learn and label ask for, as the daemon reads it. */
static void acks(struct ffc *c, struct peer *p, unsigned given,
                 enum ffp_ack ack)
{
    struct ffp_request r;
    uint32_t id;
    assert_int_equal(ffc_learn_send(c, "m", "abcd", 1, 4, NULL, &id), FFC_OK);
    assert_int_equal(ffc_learn_send(c, "m", "abcdefgh", 2, 4, NULL, &id),
                     FFC_OK);
    assert_int_equal(ffc_label_send(c, "m", "1:1", "a", &id), FFC_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(peer_next(p, &r), 1);
        assert_int_equal(r.opts.given, given);
        assert_int_equal(r.opts.ack, ack);
    }
    assert_int_equal(ffc_predict_send(c, "m", "abcd", 1, 4, &id), FFC_OK);
    assert_int_equal(peer_next(p, &r), 1);
    assert_int_equal(r.opts.given, 0);
}

void acknowledgements_are_a_property_of_the_connection(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    pair(&c, &p);
    acks(c, &p, 0, FFP_ACK_APPLIED);
    ffc_set_ack(c, FFC_ACK_DURABLE);
    acks(c, &p, 1U << FFP_O_ACK, FFP_ACK_DURABLE);
    ffc_set_ack(c, FFC_ACK_RECEIVED);
    acks(c, &p, 1U << FFP_O_ACK, FFP_ACK_RECEIVED);
    ffc_set_ack(c, FFC_ACK_APPLIED);
    acks(c, &p, 0, FFP_ACK_APPLIED);
    unpair(c, &p);
}

static void next(struct peer *p, struct ffp_request *r, const char *method)
{
    assert_int_equal(peer_next(p, r), 1);
    assert_string_equal(ffp_method_table[r->method].name, method);
}

void samples_say_whose_they_are(void **state)
{
    (void)state;
    static const char *const keys[] = {"left", "right"};
    struct ffc_samples of = {.stream = "left", .end = true};
    struct ffc *c;
    struct peer p;
    struct ffp_request r;
    uint32_t id;
    pair(&c, &p);
    assert_int_equal(
        ffc_learn_samples_send(c, "m", "abcd", 2, 2, NULL, &of, &id), FFC_OK);
    next(&p, &r, "learn_batch");
    assert_true(ffp_str_is(r.opts.stream, "left"));
    assert_true(r.opts.end && !r.opts.observe);
    of = (struct ffc_samples){.streams = keys, .observe = true};
    ffc_set_ack(c, FFC_ACK_DURABLE);
    assert_int_equal(
        ffc_learn_samples_send(c, "m", "abcd", 2, 2, NULL, &of, &id), FFC_OK);
    next(&p, &r, "learn_batch");
    assert_true(ffp_str_is(ffp_streams_at(&r, 1), "right"));
    assert_true(r.opts.observe && !r.opts.end);
    assert_int_equal(r.opts.ack, FFP_ACK_DURABLE);
    assert_int_equal(ffc_learn_samples_send(c, "m", "ab", 1, 2, NULL, &of, &id),
                     FFC_OK);
    next(&p, &r, "learn");
    assert_true(ffp_str_is(r.opts.stream, "left"));
    unpair(c, &p);
}

void a_stream_is_asked_about_as_it_is_now(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffp_request r;
    uint32_t id;
    pair(&c, &p);
    assert_int_equal(ffc_now_send(c, "m", "left", true, &id), FFC_OK);
    next(&p, &r, "predict");
    assert_int_equal(r.frames.form, FFP_FORM_NIL);
    assert_true(ffp_str_is(r.opts.stream, "left"));
    assert_true(r.opts.fresh);
    assert_int_equal(ffc_now_send(c, "m", NULL, false, &id), FFC_OK);
    next(&p, &r, "predict");
    assert_int_equal(r.frames.form, FFP_FORM_NIL);
    assert_int_equal(r.opts.given, 0);
    unpair(c, &p);
}

void a_frame_that_was_received_has_no_place_yet(void **state)
{
    (void)state;
    struct ffc *c;
    struct peer p;
    struct ffc_learned l;
    pair(&c, &p);
    ffc_set_ack(c, FFC_ACK_RECEIVED);
    ffp_reply_begin(&p.out, 1);
    ffp_pack_map(&p.out, 3);
    ffp_kv_str(&p.out, "id", "1:42");
    ffp_kv_nil(&p.out, "seq");
    ffp_kv_nil(&p.out, "step");
    peer_send(&p);
    assert_int_equal(ffc_learn(c, "m", "abcd", 4, "a", &l), FFC_OK);
    assert_string_equal(l.first_id, "1:42");
    assert_int_equal(l.n, 1);
    assert_int_equal(l.seq, 0);
    assert_false(l.has_right);
    unpair(c, &p);
}

void labels_are_changed_by_hand(void **state)
{
    (void)state;
    struct fake f = {0};
    struct ffc *c;
    struct ffc_reply *reply;
    char why[FFC_WHY_MAX];
    fake_start(&f);
    assert_int_equal(
        ffc_open(&c, &(struct ffc_options){.address = f.address}, why), FFC_OK);
    assert_int_equal(ffc_labels_rename(c, "m", "7", "seven", NULL), FFC_OK);
    assert_string_equal(f.hand, "labels_rename 7 seven");
    assert_int_equal(ffc_labels_merge(c, "m", "1", "7", NULL), FFC_OK);
    assert_string_equal(f.hand, "labels_merge 1 7");
    assert_int_equal(ffc_labels_forget(c, "m", "7", &reply), FFC_OK);
    assert_string_equal(f.hand, "labels_forget 7 ");
    const struct ffc_value *v = ffc_reply_value(reply);
    assert_int_equal(ffc_value_int(ffc_value_get(v, "record"), 0), 13);
    assert_int_equal(ffc_value_int(ffc_value_get(v, "versions"), 0), 2);
    ffc_reply_free(reply);
    assert_int_equal(ffc_labels_forget(c, "m", "none", NULL), FFC_EREFUSED);
    assert_string_equal(ffc_refusal(c)->code, "UNKNOWN_LABEL");
    assert_int_equal(ffc_status_digest(c, "m", &reply), FFC_OK);
    assert_true(ffc_value_is(ffc_value_get(ffc_reply_value(reply), "digest"),
                             "0123abcd"));
    ffc_reply_free(reply);
    ffc_close(c);
    fake_stop(&f);
}

static void learned_id(const char *key, const char *id, const char *is)
{
    struct ffc *c;
    struct peer p;
    struct ffc_learned l;
    pair(&c, &p);
    ffp_reply_begin(&p.out, 1);
    ffp_pack_map(&p.out, 1);
    ffp_kv_str(&p.out, key, id);
    peer_send(&p);
    assert_int_equal(ffc_learn(c, "m", "abcd", 4, NULL, &l), FFC_OK);
    assert_string_equal(l.first_id, is);
    unpair(c, &p);
}

void learned_tells_the_id_of_the_first_frame(void **state)
{
    (void)state;
    learned_id("id", "1:42", "1:42");
    learned_id("first_id", "1:42", "1:42");
    learned_id("seq", "1:42", "");
    learned_id("id", "123456789012345678901234567890123456789012345678", "");
}

void ids_of_a_batch_are_counted_on(void **state)
{
    (void)state;
    char id[FFC_ID_MAX];
    assert_int_equal(ffc_id_at("1:42", 0, id), FFC_OK);
    assert_string_equal(id, "1:42");
    assert_int_equal(ffc_id_at("17:99", 1, id), FFC_OK);
    assert_string_equal(id, "17:100");
    assert_int_equal(ffc_id_at("1:18446744073709551614", 1, id), FFC_OK);
    assert_string_equal(id, "1:18446744073709551615");
    assert_int_equal(ffc_id_at("1:18446744073709551614", 2, id), FFC_EARGUMENT);
    static const char *const none[] = {"",     "1",    "1:",    "1:x", "1:2x",
                                       "1: 2", "1:-2", "1:2:3", "7"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(ffc_id_at(none[i], 0, id), FFC_EARGUMENT);
}

/* ---- ffctl feed --------------------------------------------------------- */

#define FRAMES 600

/* 600 frames, each labelled with its first byte, "0" to "9". */
static json_t *feed(struct fake *f, const char *batch, const char *unlabelled,
                    const char *delay, const char *seed)
{
    static uint8_t pixels[100 * 4], digits[100];
    json_error_t error;
    for (size_t i = 0; i < 100; i++)
        digits[i] = pixels[4 * i] = (uint8_t)(i % 10);
    put_idx(scratch("x"), 100, 2, 2, pixels, 0);
    put_idx(scratch("y"), 100, 0, 0, digits, 0);
    fake_start(f);
    int code =
        run("--json", "-s", f->address, "feed", "m", "--idx", scratch("x"),
            scratch("y"), "--repeat=6", "--batch", batch, "--unlabelled",
            unlabelled, "--label-delay", delay, "--seed", seed, NULL);
    fake_stop(f);
    if (code != 0)
        fail_msg("exit %d: %s", code, ran_err);
    json_t *j = json_loads(ran_out, 0, &error);
    assert_non_null(j);
    assert_int_equal(json_integer_value(json_object_get(j, "frames")) +
                         json_integer_value(json_object_get(j, "dropped")),
                     FRAMES);
    return j;
}

static int64_t count(const json_t *j, const char *key)
{
    const json_t *v = json_object_get(j, key);
    assert_true(json_is_integer(v));
    return json_integer_value(v);
}

static size_t labelled(const struct fake *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->taken; i++) {
        assert_true(f->labels[i] == '-' || f->labels[i] == '0' + f->first[i]);
        n += f->labels[i] != '-';
    }
    return n;
}

void feed_counts_labels(void **state)
{
    (void)state;
    struct fake f = {0};
    json_t *j = feed(&f, "64", "0", "0", "1");
    assert_int_equal(count(j, "labelled"), FRAMES);
    assert_int_equal(count(j, "unlabelled"), 0);
    assert_int_equal(count(j, "late_labels"), 0);
    assert_int_equal(count(j, "missed"), 0);
    assert_int_equal(labelled(&f), FRAMES);
    json_decref(j);
}

void feed_leaves_out_a_share_of_the_labels_by_its_seed(void **state)
{
    (void)state;
    struct fake f = {0}, same = {0}, other = {0}, more = {0};
    json_t *j = feed(&f, "64", "0.9", "0", "1");
    assert_in_range(count(j, "labelled"), 30, 90);
    assert_int_equal(count(j, "labelled") + count(j, "unlabelled"), FRAMES);
    assert_int_equal(labelled(&f), count(j, "labelled"));
    json_decref(j);
    json_decref(feed(&same, "1", "0.9", "0", "1"));
    assert_memory_equal(f.labels, same.labels, FRAMES);
    json_decref(feed(&other, "64", "0.9", "0", "2"));
    assert_memory_not_equal(f.labels, other.labels, FRAMES);
    json_decref(feed(&more, "64", "0.5", "0", "1"));
    for (size_t i = 0; i < FRAMES; i++)
        assert_true(f.labels[i] == '-' || more.labels[i] == f.labels[i]);
}

void feed_without_any_label_sends_none(void **state)
{
    (void)state;
    struct fake f = {0};
    json_t *j = feed(&f, "64", "1", "10", "1");
    assert_int_equal(count(j, "unlabelled"), FRAMES);
    assert_int_equal(labelled(&f), 0);
    assert_true(json_is_null(json_object_get(j, "prequential_accuracy")));
    json_decref(j);
}

/* Each label comes `delay` frames after its own or at most a batch later, but
   for those that the end brings sooner. */
static void delayed(const char *batch, size_t n, const char *delay, size_t by)
{
    struct fake f = {0};
    json_t *j = feed(&f, batch, "0", delay, "1");
    assert_int_equal(count(j, "labelled"), 0);
    assert_int_equal(count(j, "late_labels"), FRAMES);
    assert_int_equal(count(j, "missed"), 0);
    assert_true(json_real_value(json_object_get(j, "prequential_accuracy")) ==
                0.25);
    assert_int_equal(labelled(&f), FRAMES);
    for (size_t i = 0; i < FRAMES; i++) {
        size_t left = FRAMES - 1 - i;
        assert_in_range(f.gap[i], by < left ? by : left, by + n - 1);
    }
    json_decref(j);
}

void feed_sends_labels_late(void **state)
{
    (void)state;
    delayed("1", 1, "1", 1);
    delayed("1", 1, "100", 100);
    delayed("7", 7, "100", 100);
    delayed("64", 64, "5", 5);
    delayed("7", 7, "10000", 10000);
}

void feed_sends_few_labels_and_those_late(void **state)
{
    (void)state;
    struct fake f = {.busy = 2}, soon = {0};
    json_t *j = feed(&f, "16", "0.9", "100", "1");
    json_decref(feed(&soon, "16", "0.9", "0", "1"));
    assert_int_equal(count(j, "labelled"), 0);
    assert_int_equal(count(j, "late_labels"), labelled(&f));
    assert_int_equal(count(j, "unlabelled"), FRAMES - labelled(&f));
    assert_int_equal(count(j, "retries"), 2);
    assert_int_equal(count(j, "missed"), 0);
    assert_int_equal(labelled(&soon), labelled(&f));
    json_decref(j);
}

void feed_counts_labels_for_which_no_frame_waited(void **state)
{
    (void)state;
    struct fake f = {.forgotten = 3};
    json_t *j = feed(&f, "16", "0", "100", "1");
    assert_int_equal(count(j, "late_labels"), FRAMES);
    assert_int_equal(count(j, "missed"), 3);
    assert_int_equal(labelled(&f), FRAMES - 3);
    json_decref(j);
}

void feed_misses_the_labels_of_frames_that_were_dropped(void **state)
{
    (void)state;
    struct fake f = {.drop = 1};
    json_t *j = feed(&f, "100", "0", "200", "1");
    assert_int_equal(count(j, "dropped"), 100);
    assert_int_equal(count(j, "late_labels"), FRAMES);
    assert_int_equal(count(j, "missed"), 100);
    assert_int_equal(labelled(&f), FRAMES - 100);
    json_decref(j);
}

/* ---- feed --ack --------------------------------------------------------- */

static int feed_with(struct fake *f, const char *ack, const char *delay)
{
    uint8_t pixels[6 * 4] = {1, 2, 3}, digits[6] = {0};
    put_idx(scratch("x"), 6, 2, 2, pixels, 0);
    put_idx(scratch("y"), 6, 0, 0, digits, 0);
    fake_start(f);
    int code =
        run("feed", "m", "--idx", scratch("x"), scratch("y"), "--batch", "2",
            "--ack", ack, "--label-delay", delay, "-s", f->address, NULL);
    fake_stop(f);
    return code;
}

void feed_asks_for_the_acknowledgement_it_is_told(void **state)
{
    (void)state;
    struct fake applied = {0}, durable = {0}, late = {0}, received = {0};
    assert_int_equal(feed_with(&applied, "applied", "0"), 0);
    assert_int_equal(applied.acks[FFP_ACK_APPLIED], 3);
    assert_int_equal(feed_with(&durable, "durable", "0"), 0);
    assert_int_equal(durable.acks[FFP_ACK_DURABLE], 3);
    assert_int_equal(feed_with(&late, "durable", "2"), 0);
    assert_int_equal(late.acks[FFP_ACK_DURABLE], 3 + 6);
    assert_int_equal(feed_with(&received, "received", "0"), 0);
    assert_int_equal(received.acks[FFP_ACK_RECEIVED], 3);
}

void feed_that_cannot_be_durable_ends(void **state)
{
    (void)state;
    struct fake f = {.no_journal = true};
    assert_int_equal(feed_with(&f, "durable", "0"), 1);
    assert_non_null(strstr(ran_err, "NOT_DURABLE"));
    assert_int_equal(f.taken, 0);
}

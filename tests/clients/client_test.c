#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clients/c/ffclient.h"
#include "proto/pack.h"
#include "proto/reply.h"
#include "tests/clients/fake.h"
#include "tests/clients/support.h"

static struct ffc *c;
static struct peer p;

/* A connection whose first answer is begun in p.out. */
static void begin(void)
{
    pair(&c, &p);
    ffp_reply_begin(&p.out, 1);
}

static void end(void)
{
    ffc_close(c);
    peer_release(&p);
}

static void row(float a, float b)
{
    ffp_pack_floats(&p.out, (float[]){a, b}, 2);
}

void predict_of_one_frame_has_scores_by_class(void **state)
{
    (void)state;
    struct ffc_answers *a;
    begin();
    ffp_pack_map(&p.out, 6);
    ffp_kv_str(&p.out, "label", "cat");
    ffp_kv_float(&p.out, "confidence", 0.5F);
    ffp_kv_nil(&p.out, "novelty");
    ffp_pack_str(&p.out, "scores");
    ffp_pack_map(&p.out, 2);
    ffp_kv_float(&p.out, "cat", 0.5F);
    ffp_kv_float(&p.out, "dog", 0.25F);
    ffp_pack_str(&p.out, "goodness");
    row(1, 2);
    ffp_kv_uint(&p.out, "step", 9);
    peer_send(&p);
    assert_int_equal(ffc_predict(c, "m", "abcd", 4, &a), FFC_OK);
    assert_string_equal(a->label[0], "cat");
    assert_true(a->confidence[0] == 0.5F && isnan(a->novelty[0]));
    assert_int_equal(a->classes, 2);
    assert_string_equal(a->class_name[1], "dog");
    assert_true(a->scores[1] == 0.25F);
    assert_int_equal(a->layers, 2);
    assert_true(a->goodness[1] == 2.0F);
    assert_int_equal(a->step, 9);
    assert_null(a->class_goodness);
    assert_null(a->by);
    ffc_answers_free(a);
    end();
}

void predict_in_detail_has_goodness_by_class(void **state)
{
    (void)state;
    struct ffc_answers *a;
    begin();
    ffp_pack_map(&p.out, 6);
    ffp_kv_str(&p.out, "label", "cat");
    ffp_kv_float(&p.out, "typicality", 0.125F);
    ffp_kv_str(&p.out, "by", "goodness");
    ffp_pack_str(&p.out, "scores");
    ffp_pack_map(&p.out, 2);
    ffp_kv_float(&p.out, "cat", 0.5F);
    ffp_kv_float(&p.out, "dog", 0.25F);
    ffp_pack_str(&p.out, "goodness");
    row(1, 2);
    ffp_pack_str(&p.out, "class_goodness");
    ffp_pack_map(&p.out, 2);
    ffp_pack_str(&p.out, "cat");
    row(1, 2);
    ffp_pack_str(&p.out, "dog");
    ffp_pack_array(&p.out, 2);
    ffp_pack_nil(&p.out);
    ffp_pack_float(&p.out, 4);
    peer_send(&p);
    assert_int_equal(ffc_predict_detail(c, "m", "abcd", 4, &a), FFC_OK);
    assert_true(a->typicality[0] == 0.125F && isnan(a->novelty[0]));
    assert_string_equal(a->by, "goodness");
    assert_non_null(a->class_goodness);
    assert_true(a->class_goodness[0] == 1 && a->class_goodness[1] == 2);
    assert_true(isnan(a->class_goodness[2]) && a->class_goodness[3] == 4);
    ffc_answers_free(a);
    end();
}

static void pack_columns(bool bytes)
{
    static const float scores[4] = {0.75F, 0.25F, 0.5F, 0.5F};
    ffp_pack_map(&p.out, 5);
    ffp_pack_str(&p.out, "labels");
    ffp_pack_array(&p.out, 2);
    ffp_pack_str(&p.out, "cat");
    ffp_pack_nil(&p.out);
    ffp_pack_str(&p.out, "classes");
    ffp_pack_array(&p.out, 2);
    ffp_pack_str(&p.out, "cat");
    ffp_pack_str(&p.out, "dog");
    ffp_pack_str(&p.out, "confidence");
    if (bytes) {
        ffp_pack_bin(&p.out, scores, 2 * sizeof *scores);
        ffp_kv_bin(&p.out, "scores", scores, sizeof scores);
    } else {
        row(0.75F, 0.25F);
        ffp_pack_str(&p.out, "scores");
        ffp_pack_array(&p.out, 2);
        row(0.75F, 0.25F);
        row(0.5F, 0.5F);
    }
    ffp_pack_str(&p.out, "goodness");
    ffp_pack_array(&p.out, 2);
    ffp_pack_floats(&p.out, scores, 1);
    ffp_pack_floats(&p.out, scores + 1, 1);
    peer_send(&p);
}

static void check_columns(bool bytes)
{
    struct ffc_answers *a;
    begin();
    pack_columns(bytes);
    assert_int_equal(ffc_predict_batch(c, "m", "abcdefgh", 2, 4, &a), FFC_OK);
    assert_string_equal(a->label[0], "cat");
    assert_null(a->label[1]);
    assert_true(a->confidence[1] == 0.25F && isnan(a->novelty[1]));
    assert_int_equal(a->classes, 2);
    assert_true(a->scores[0] == 0.75F && a->scores[2] == 0.5F);
    assert_int_equal(a->layers, 1);
    assert_true(a->goodness[1] == 0.25F);
    ffc_answers_free(a);
    end();
}

void predict_of_several_frames_has_columns(void **state)
{
    (void)state;
    check_columns(false);
}

void predict_columns_may_come_as_bytes(void **state)
{
    (void)state;
    check_columns(true);
}

void predict_answer_for_another_number_of_frames_is_refused(void **state)
{
    (void)state;
    struct ffc_answers *a;
    begin();
    pack_columns(false);
    assert_int_equal(ffc_predict_batch(c, "m", "abcdefghijkl", 3, 4, &a),
                     FFC_EPROTOCOL);
    end();
}

void learn_without_right_says_so(void **state)
{
    (void)state;
    struct ffc_learned l;
    begin();
    ffp_pack_map(&p.out, 2);
    ffp_kv_nil(&p.out, "right");
    ffp_kv_uint(&p.out, "step", 3);
    peer_send(&p);
    assert_int_equal(ffc_learn(c, "m", "abcd", 4, "cat", &l), FFC_OK);
    assert_false(l.has_right);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.step, 3);
    end();
}

void model_that_is_not_there_is_refused(void **state)
{
    (void)state;
    struct ffc_model m;
    begin();
    ffp_pack_array(&p.out, 0);
    peer_send(&p);
    assert_int_equal(ffc_model_find(c, "m", &m), FFC_EREFUSED);
    assert_string_equal(ffc_refusal(c)->code, "UNKNOWN_MODEL");
    end();
}

void model_of_f32_images_has_their_bytes(void **state)
{
    (void)state;
    struct ffc_model m;
    begin();
    ffp_pack_array(&p.out, 1);
    ffp_pack_map(&p.out, 2);
    ffp_kv_str(&p.out, "name", "m");
    ffp_pack_str(&p.out, "input");
    ffp_pack_map(&p.out, 2);
    ffp_kv_str(&p.out, "dtype", "f32");
    ffp_pack_str(&p.out, "shape");
    ffp_pack_array(&p.out, 3);
    for (unsigned i = 2; i < 5; i++)
        ffp_pack_uint(&p.out, i);
    peer_send(&p);
    assert_int_equal(ffc_model_find(c, "m", &m), FFC_OK);
    assert_true(m.f32);
    assert_int_equal(m.values, 24);
    assert_int_equal(m.frame_bytes, 96);
    end();
}

void dreams_that_do_not_fit_their_shape_are_refused(void **state)
{
    (void)state;
    struct ffc_dreams *d;
    begin();
    ffp_pack_map(&p.out, 4);
    ffp_pack_str(&p.out, "shape");
    ffp_pack_array(&p.out, 2);
    ffp_pack_uint(&p.out, 2);
    ffp_pack_uint(&p.out, 1u << 23);
    ffp_kv_str(&p.out, "dtype", "u8");
    ffp_kv_bin(&p.out, "data", "abcd", 4);
    ffp_pack_str(&p.out, "kind");
    ffp_pack_array(&p.out, 1);
    ffp_pack_str(&p.out, "hybrid");
    peer_send(&p);
    assert_int_equal(ffc_dreams(c, "m", 1, &d), FFC_EPROTOCOL);
    end();
}

void what_is_to_be_written_is_said(void **state)
{
    (void)state;
    const uint64_t seed = 0;
    struct ffp_request r;
    struct ffc_reply *reply;
    begin();
    ffp_pack_map(&p.out, 0);
    peer_send(&p);
    assert_int_equal(ffc_generate(c, "m", &(struct ffc_generating){0}, &reply),
                     FFC_OK);
    ffc_reply_free(reply);
    assert_int_equal(peer_next(&p, &r), 1);
    assert_int_equal(r.method, FFP_M_generate);
    assert_int_equal(r.opts.given, 0);
    ffp_reply_begin(&p.out, 2);
    ffp_pack_map(&p.out, 0);
    peer_send(&p);
    assert_int_equal(ffc_generate(c, "m",
                                  &(struct ffc_generating){
                                      "s", "\0a", 2, 9, 0.5, &seed, true, true},
                                  &reply),
                     FFC_OK);
    ffc_reply_free(reply);
    assert_int_equal(peer_next(&p, &r), 1);
    assert_true(ffp_str_is(r.opts.stream, "s"));
    assert_int_equal(r.opts.prompt.n, 2);
    assert_int_equal(r.opts.length, 9);
    assert_true(r.opts.temperature == 0.5);
    assert_true(r.opts.given & 1u << FFP_O_SEED);
    assert_true(r.opts.list && r.opts.fresh);
    end();
}

void value_becomes_json(void **state)
{
    (void)state;
    struct ffc_reply *reply;
    begin();
    ffp_pack_map(&p.out, 7);
    ffp_kv_str(&p.out, "text", "a \"b\" \xc3\xa4");
    ffp_kv_int(&p.out, "less", -3);
    ffp_kv_float(&p.out, "real", 0.9F);
    ffp_kv_double(&p.out, "none", (double)NAN);
    ffp_kv_bin(&p.out, "bytes", "\xff\x00\x10\x83", 4);
    ffp_kv_bool(&p.out, "yes", true);
    ffp_pack_uint(&p.out, 7);
    ffp_pack_array(&p.out, 0);
    peer_send(&p);
    assert_int_equal(ffc_stats(c, NULL, &reply), FFC_OK);
    char *json = ffc_value_json(ffc_reply_value(reply));
    assert_string_equal(json,
                        "{\"text\":\"a \\\"b\\\" \xc3\xa4\",\"less\":-3,"
                        "\"real\":0.9,\"none\":null,\"bytes\":\"/wAQgw==\","
                        "\"yes\":true,\"7\":[]}");
    ffc_text_free(json);
    ffc_reply_free(reply);
    end();
}

void call_of_any_method_takes_packed_parameters(void **state)
{
    (void)state;
    struct ffc_reply *reply;
    struct ffp_request r;
    begin();
    ffp_pack_str(&p.out, "done");
    peer_send(&p);
    assert_int_equal(ffc_call(c, "drop_model", "\x91\xa1m", 3, &reply), FFC_OK);
    assert_true(ffc_value_is(ffc_reply_value(reply), "done"));
    assert_int_equal(peer_next(&p, &r), 1);
    assert_int_equal(r.method, FFP_M_drop_model);
    assert_true(ffp_str_is(r.model, "m"));
    ffc_reply_free(reply);
    end();
}

void connect_to_nobody_names_the_mend(void **state)
{
    (void)state;
    char address[160], why[FFC_WHY_MAX];
    snprintf(address, sizeof address, "unix:%s", scratch("nobody"));
    struct ffc_options o = {.address = address};
    struct ffc *none;
    assert_int_equal(ffc_open(&none, &o, why), FFC_ECONNECT);
    assert_non_null(strstr(why, "No such file"));
    assert_non_null(strstr(why, "is ffd running?"));
}

/*
 * Snapshots whose hash is right and whose content is not: what whoever can
 * write the file can make. They are refused, or harmless.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "tests/lib/support.h"

#define HASH_KEY "\"xxh3\":\""

struct file {
    uint8_t *bytes; /* owned */
    size_t n, header;
    json_t *root; /* owned */
};

/* The model is moved. */
static void fill(struct file *f, struct ff_model *m)
{
    *f = (struct file){0};
    assert_int_equal(ff_model_save(m, &f->bytes, &f->n), 0);
    for (int i = 0; i < 8; i++)
        f->header |= (size_t)f->bytes[i] << (8 * i);
    f->root = json_loadb((char *)f->bytes + 8, f->header, 0, NULL);
    assert_non_null(f->root);
    ff_model_free(m);
}

static void make_of(struct file *f, struct ff_spec spec)
{
    struct ff_model *m = new_model(spec);
    learn_tiny(m, 0, 64, 8);
    fill(f, m);
}

static void make(struct file *f)
{
    make_of(f, tiny_spec());
}

/* Where a tensor's bytes are. */
static void *tensor(struct file *f, const char *name)
{
    const json_t *range =
        json_object_get(json_object_get(f->root, name), "data_offsets");
    assert_non_null(range);
    return f->bytes + 8 + f->header +
           json_integer_value(json_array_get(range, 0));
}

/* Replace a text in the header by one of the same length. */
static void replace(struct file *f, const char *from, const char *to)
{
    uint8_t *at = memmem(f->bytes + 8, f->header, from, strlen(from));
    assert_int_equal(strlen(from), strlen(to));
    assert_non_null(at);
    for (size_t i = 0; to[i]; i++)
        at[i] = (uint8_t)to[i];
}

static void rehash(struct file *f)
{
    uint8_t *at = memmem(f->bytes, f->n, HASH_KEY, strlen(HASH_KEY));
    XXH128_canonical_t hash;
    char text[33];
    assert_non_null(at);
    at += strlen(HASH_KEY);
    memset(at, '0', 32);
    XXH128_canonicalFromHash(&hash, XXH3_128bits(f->bytes, f->n));
    for (int i = 0; i < 16; i++)
        snprintf(text + 2 * (size_t)i, 3, "%02x", hash.digest[i]);
    memcpy(at, text, 32);
}

static int load(struct file *f)
{
    char why[FF_WHY_MAX] = "";
    struct ff_model *m = NULL;
    rehash(f);
    int status = ff_model_load(&m, f->bytes, f->n, why);
    assert_true(status == 0 || why[0] != 0);
    if (status == 0)
        ff_model_free(m);
    json_decref(f->root);
    free(f->bytes);
    return status;
}

void the_tests_hash_is_the_snapshots(void **state)
{
    (void)state;
    struct file f;
    make(&f);
    assert_int_equal(load(&f), 0);
}

void memory_that_points_outside_itself_is_refused(void **state)
{
    (void)state;
    const struct {
        const char *name;
        size_t at;
        uint32_t value;
    } evil[] = {
        {"memory.order", 0, 16},
        {"memory.order", 15, UINT32_MAX},
        {"memory.start", 0, 1},
        {"memory.start", 2, UINT32_MAX},
        {"memory.start", 3, 0},
        {"memory.start", TINY_CLASSES, 17},
        {"memory.start", TINY_CLASSES, 0},
    };
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct file f;
        make(&f);
        memcpy((uint8_t *)tensor(&f, evil[i].name) + 4 * evil[i].at,
               &evil[i].value, 4);
        assert_int_equal(load(&f), FF_ECORRUPT);
    }
}

/* It would be one frame remembered twice, and forgetting one would look for a
   free slot that is not there. */
void an_order_that_names_a_slot_twice_is_refused(void **state)
{
    (void)state;
    struct file f;
    make(&f);
    uint32_t *order = tensor(&f, "memory.order");
    memcpy(order, order + 1, sizeof *order);
    assert_int_equal(load(&f), FF_ECORRUPT);
}

/* One more frame would make the count 0, and a draw below 0 divides by it. */
void a_count_that_would_wrap_is_refused(void **state)
{
    (void)state;
    struct file f;
    make(&f);
    memset(tensor(&f, "memory.seen"), 0xff, 8);
    assert_int_equal(load(&f), FF_ECORRUPT);
}

/* The same of frames that the read-out learned: a mean of none of them. */
void a_count_of_the_readout_that_would_wrap_is_refused(void **state)
{
    (void)state;
    struct ff_spec s = tiny_spec();
    struct file f;
    s.answer = FF_ANSWER_SOFTMAX;
    make_of(&f, s);
    memset(tensor(&f, "readout.seen"), 0xff, 8);
    assert_int_equal(load(&f), FF_ECORRUPT);
}

/* More in the average than was taught: its weight would know no bounds. */
void an_average_of_more_than_was_taught_is_refused(void **state)
{
    (void)state;
    struct file f;
    make(&f);
    size_t at = offsetof(struct ff_counters, averaged);
    memset((uint8_t *)tensor(&f, "counters") + at, 0x7f, 8);
    assert_int_equal(load(&f), FF_ECORRUPT);
}

/* Room for what waits and what was spared is not asked for in vain. */
void a_file_smaller_than_its_model_is_refused_at_once(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct ff_spec s = tiny_spec();
        struct file f;
        char why[FF_WHY_MAX] = "";
        struct ff_model *m = NULL;
        *(i ? &s.pending : &s.calibration) = 60000;
        make_of(&f, s);
        f.n = 8 + f.header + 4096;
        rehash(&f);
        assert_int_equal(ff_model_load(&m, f.bytes, f.n, why), FF_ECORRUPT);
        assert_string_equal(why, "it is smaller than its model");
        json_decref(f.root);
        free(f.bytes);
    }
}

void more_dreams_than_the_bank_holds_are_refused(void **state)
{
    (void)state;
    struct file f;
    uint64_t bank = 9;
    make(&f);
    size_t at = offsetof(struct ff_counters, bank);
    memcpy((uint8_t *)tensor(&f, "counters") + at, &bank, sizeof bank);
    assert_int_equal(load(&f), FF_ECORRUPT);
}

void more_right_answers_than_answers_are_refused(void **state)
{
    (void)state;
    struct file f;
    make(&f);
    uint64_t *count = tensor(&f, "prequential.count");
    const uint64_t evil[2] = {10, 11};
    memcpy(count, evil, sizeof evil);
    assert_int_equal(load(&f), FF_ECORRUPT);
}

void bytes_beyond_the_last_tensor_are_refused(void **state)
{
    (void)state;
    struct file f;
    make(&f);
    uint8_t *more = realloc(f.bytes, f.n + 64);
    assert_non_null(more);
    memset(more + f.n, 0, 64);
    f.bytes = more;
    f.n += 64;
    assert_int_equal(load(&f), FF_ECORRUPT);
}

/* Such a model could neither learn nor, with boundless credit, wake up. */
void weights_and_credit_that_are_no_numbers_are_refused(void **state)
{
    (void)state;
    const float nan = NAN, great = 1e30f;
    const double infinite = INFINITY;
    const struct {
        const char *name;
        const void *value;
        size_t bytes;
    } evil[] = {{"layers.0.W", &nan, sizeof nan},
                {"layers.1.average.V", &nan, sizeof nan},
                {"layers.1.W.squares", &nan, sizeof nan},
                {"range", &nan, sizeof nan},
                {"range", &great, sizeof great}, /* above the greatest */
                {"dreams", &nan, sizeof nan},
                {"credit", &infinite, sizeof infinite}};
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct file f;
        make(&f);
        memcpy(tensor(&f, evil[i].name), evil[i].value, evil[i].bytes);
        int status = load(&f);
        if (status != FF_ECORRUPT)
            fail_msg("%s: %d", evil[i].name, status);
    }
}

/* Frames are kept as bytes; some are numbers. Taught asleep, one that is none
   would be in every weight. */
void a_remembered_frame_that_is_no_number_is_refused(void **state)
{
    (void)state;
    const float evil[] = {NAN, INFINITY, 1e30f};
    for (int i = 0; i < 3; i++)
        for (int spared = 0; spared < 2; spared++) {
            struct ff_spec s = tiny_spec();
            struct file f;
            s.calibration = spared ? 200 : 0;
            struct ff_model *m = new_model(s);
            learn_tiny(m, 0, 1024, 8);
            fill(&f, m);
            memcpy(tensor(&f, spared ? "spared.frames" : "memory.frames"),
                   &evil[i], sizeof *evil);
            assert_int_equal(load(&f), FF_ECORRUPT);
        }
}

void a_newer_format_is_told_from_damage(void **state)
{
    (void)state;
    struct file f;
    make(&f);
    replace(&f, "\"format\":\"2\"", "\"format\":\"3\"");
    assert_int_equal(load(&f), FF_EVERSION);
}

void a_header_that_contradicts_its_model_is_refused(void **state)
{
    (void)state;
    static const char *const evil[][2] = {
        {"\"layers.0.W\":{\"dtype\":\"F32\"",
         "\"layers.0.W\":{\"dtype\":\"U32\""},
        {"\"shape\":[8,6]", "\"shape\":[6,8]"},
        {"\"memory.order\"", "\"memory.0rder\""},
        {"\\\"classes\\\":4", "\\\"classes\\\":5"},
        {"\\\"classes\\\":4", "\\\"classes\\\":0"},
        {"\\\"classes\\\":4", "\\\"classes\\\":t"},
        {"\\\"goodness\\\":0", "\\\"goodness\\\":7"},
        {"\\\"dtype\\\":1", "\\\"dtype\\\":0"},
        {"\\\"batch\\\":8", "\\\"batch\\\":9"},
        {"\\\"memory\\\":16", "\\\"memory\\\":15"},
        {"\\\"units\\\":[8,8]", "\\\"units\\\":[8,9]"},
        {"\\\"units\\\":[8,8]", "\\\"units\\\":[8,t]"},
        {"\"labels\":\"[\\\"0\\\"", "\"labels\":\"[\\\"\\\" "},
        {"\"labels\":\"[\\\"0\\\"", "\"labels\":\"[  0  "},
        {"\"format\":\"2\"", "\"format\":\"x\""},
        {"\"__metadata__\"", "\"__metadatum_\""},
    };
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct file f;
        make(&f);
        replace(&f, evil[i][0], evil[i][1]);
        int status = load(&f);
        if (status != FF_ECORRUPT)
            fail_msg("%s: %d", evil[i][1], status);
    }
}

/* ---- convolutions ----------------------------------------------------------
 */

/* The six values of a frame as a picture of 2 x 3. */
static void make_conv(struct file *f)
{
    struct ff_spec s = tiny_spec();
    s.shape[0] = 2;
    s.shape[1] = 3;
    s.image = true;
    s.conv[0] = (struct ff_conv_spec){.kernel = 2, .pad = 1};
    s.freeze[0] = 12345;
    s.mean[0] = 0.25f;
    s.scale[0] = 0.5f;
    make_of(f, s);
}

void a_header_that_contradicts_its_convolutions_is_refused(void **state)
{
    (void)state;
    static const char *const evil[][2] = {
        {"[2,1,1,1,1,3]", "[2,1,1,1,1,2]"}, /* another grid */
        {"[2,1,1,1,1,3]", "[1,1,1,1,1,3]"}, /* another kernel */
        {"[2,1,1,1,1,3]", "[2,1,1,1,1,4]"}, /* more cells than places */
        {"[2,1,1,1,1,3]", "[2,1,1,1,3,3]"}, /* groups that do not divide */
        {"[2,1,1,1,1,3]", "[0,1,1,1,1,3]"}, /* dense after all */
        {"[2,1,1,1,1,3]", "[           ]"}, /* the same */
        {"[2,1,1,1,1,3]", "[2,1,1,1,  1]"}, /* no grid */
        {"[2,1,1,1,1,3]", "[2,1,1,9,1,1]"}, /* nothing is left */
        {"[2,1,1,1,1,3]", "[2,1,1,1,1,-]"}, /* no JSON */
        {"[2,1,1,1,1,3]", "[2,1,1,1,1,t]"}, /* likewise */
        {"[2,1,1,1,1,3]", "[-2,1,1,1,13]"}, /* a kernel below 0 */
        {"[2,1,1,1,1,3]", "[9,1,1,1,1,3]"}, /* a great one */
        {"[2,1,1,1,1,3]", "[2,9,1,1,1,3]"}, /* steps over all */
        {"[2,1,1,1,1,3]", "[2,1,9,1,1,3]"}, /* pads more than it sees */
        {"[2,1,1,1,1,3],[]", "[2,1,1,1,1,3,4 ]"}, /* one too many */
        {"[2,1,1,1,1,3],[]", "[],[2,1,1,1,1,3]"},
        {"[12345,0]", "[-1234,0]"},
        {"\\\"mean\\\":[0.25]", "\\\"mean\\\":[true]"},
        {"\\\"scale\\\":[0.5]", "\\\"scale\\\":[-.5]"},
        {"\\\"scale\\\":[0.5]", "\\\"scale\\\":[nul]"},
        {"\\\"scale\\\":[0.5]", "\\\"scale\\\":[2e9]"},
        {"\\\"image\\\":1", "\\\"image\\\":0"},
        {"\\\"heads\\\":2", "\\\"heads\\\":9"},
        {"\"layers.0.variance\"", "\"layers.0.v4riance\""},
    };
    for (size_t i = 0; i < sizeof evil / sizeof *evil; i++) {
        struct file f;
        make_conv(&f);
        replace(&f, evil[i][0], evil[i][1]);
        int status = load(&f);
        if (status != FF_ECORRUPT)
            fail_msg("%s: %d", evil[i][1], status);
    }
}

/* Of which there is no root. */
void a_variance_below_zero_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"layers.0.variance",
                                        "layers.0.average.variance"};
    const float evil[] = {-1, -1e-4f, NAN};
    for (int i = 0; i < 6; i++) {
        struct file f;
        make_conv(&f);
        memcpy(tensor(&f, names[i / 3]), &evil[i % 3], sizeof *evil);
        assert_int_equal(load(&f), FF_ECORRUPT);
    }
}

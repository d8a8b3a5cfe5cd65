#include <stdlib.h>
#include <string.h>

#include "daemon/stream.h"
#include "daemon/symbols.h"
#include "tests/daemon/support.h"

static struct ff_model *text_model(void)
{
    struct ff_model *m = NULL;
    struct ff_spec spec;
    char why[FF_WHY_MAX];

    ff_spec_init(&spec);
    spec.stream.keys = 2;
    spec.stream.shape[0] = spec.stream.shape[1] = spec.stream.shape[2] = 1;
    spec.stream.dtype = FF_U8;
    spec.stream.rows = 64;
    spec.stream.features = FF_FEATURES_SYMBOLS;
    spec.classes = 8;
    spec.layers = 1;
    spec.units[0] = 8;
    spec.memory = 8;
    if (ff_spec_check(&spec, why) != FF_OK)
        fail_msg("%s", why);
    assert_true(ffd_stream_of_symbols(&spec));
    assert_false(ffd_stream_rejects(&spec));
    assert_int_equal(ff_model_new(&m, &spec), FF_OK);
    return m;
}

#define NONE FF_SYMBOLS_NONE

static int bound(struct ff_model *m, const char *label)
{
    int class_ = -1;

    assert_int_equal(ff_label_bind(m, label, strlen(label), &class_), FF_OK);
    return class_;
}

static void is_label(const struct ffd_symbols *s, uint8_t byte,
                     const char *label)
{
    struct ffp_str is = ffd_symbol_label(s, byte);

    assert_true(ffp_str_is(is, label));
}

void a_byte_is_a_label_of_one_character(void **state)
{
    struct ffd_symbols s;

    (void)state;
    ffd_symbols_init(&s);
    is_label(&s, 'a', "a");
    is_label(&s, ' ', " ");
    is_label(&s, '~', "~");
    is_label(&s, '\\', "\\");
    is_label(&s, 0, "\\x00");
    is_label(&s, '\n', "\\x0a");
    is_label(&s, 0x7f, "\\x7f");
    is_label(&s, 0xff, "\\xff");
}

void classes_of_bytes_follow_the_table(void **state)
{
    struct ff_model *m = text_model();
    struct ffd_symbols s;
    int a, line;

    (void)state;
    ffd_symbols_init(&s);
    assert_int_equal(ffd_symbol_find(&s, m, 'a'), -1);
    a = bound(m, "a");
    line = bound(m, "\\x0a");
    assert_int_equal(ffd_symbol_find(&s, m, 'a'), a);
    assert_int_equal(ffd_symbol_find(&s, m, '\n'), line);
    assert_int_equal(ffd_symbol_find(&s, m, 'b'), -1);
    /* By hand: the class is another byte's, and then nobody's. */
    assert_int_equal(ff_label_rename(m, a, "b", 1), FF_OK);
    assert_int_equal(ffd_symbol_find(&s, m, 'a'), -1);
    assert_int_equal(ffd_symbol_find(&s, m, 'b'), a);
    assert_int_equal(ff_label_rename(m, a, "a", 1), FF_OK);
    assert_int_equal(ffd_symbol_find(&s, m, 'b'), -1);
    ff_model_free(m);
}

void symbols_are_a_frame_from_its_end(void **state)
{
    struct ff_model *m = text_model();
    struct ffd_symbols s;
    uint8_t frame[64], a, b, long_[300];
    size_t n = ff_spec_frame_bytes(ff_model_spec(m));

    (void)state;
    assert_true(n >= 4 && n <= sizeof(frame));
    ffd_symbols_init(&s);
    bound(m, "first"); /* is not what nothing is */
    a = (uint8_t)bound(m, "a");
    b = (uint8_t)bound(m, "b");
    ffd_symbols_frame(&s, m, (const uint8_t *)"ab", 2, frame);
    assert_memory_equal(frame + n - 4, ((uint8_t[]){NONE, NONE, a, b}), 4);
    ffd_symbols_frame(&s, m, (const uint8_t *)"bzab", 4, frame);
    assert_memory_equal(frame + n - 4, ((uint8_t[]){b, NONE, a, b}), 4);
    memset(long_, 'a', sizeof(long_));
    ffd_symbols_frame(&s, m, long_, sizeof(long_), frame);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(frame[i], a);
    ff_model_free(m);
}

void a_label_of_one_byte_is_that_byte(void **state)
{
    struct ffd_symbols s;

    (void)state;
    ffd_symbols_init(&s);
    for (unsigned byte = 0; byte < FFD_SYMBOLS; byte++)
        assert_int_equal(ffd_symbol_byte(s.name[byte]), byte);
    assert_int_equal(ffd_symbol_byte("\\xAB"), -1);
    assert_int_equal(ffd_symbol_byte("\\x0"), -1);
    assert_int_equal(ffd_symbol_byte("two"), -1);
    assert_int_equal(ffd_symbol_byte(""), -1);
}

void keys_of_streams_are_told_apart(void **state)
{
    const struct ffp_str none = {NULL, 0}, a = {"a", 1}, aa = {"aa", 2};

    (void)state;
    assert_true(ffd_stream_key(none) == 0);
    assert_true(ffd_stream_key(a) != 0);
    assert_true(ffd_stream_key(a) != ffd_stream_key(aa));
    /* In the journal and in snapshots, so it is the same for ever. */
    assert_true(ffd_stream_key(a) == UINT64_C(0xe6c632b61e964e1f));
}

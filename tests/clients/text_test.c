/* Text, a byte at a time, and what is likeliest to come next. */
#include <math.h>

#include "clients/cli/contexts.h"
#include "clients/cli/input.h"
#include "clients/cli/likeliest.h"
#include "tests/clients/support.h"

void text_asks_for_each_byte_after_those_before(void **state)
{
    (void)state;
    struct ffc_model byte = shape_of(1, 1, false);
    struct stream_shape symbols = {.symbols = true, .length = 3};
    struct input_options o;
    struct contexts c;
    struct input_frame f;
    char why[WHY_MAX];
    input_options_init(&o);
    o.kind = INPUT_TEXT;
    o.path = scratch("text");
    put_file(scratch("text"), "ab\nc", 4, 0);
    struct input *in = input_open(&o, &byte, &symbols, why);
    assert_non_null(in);
    contexts_init(&c, in, 3);
    const char *const labels[4] = {"a", "b", "\\x0a", "c"};
    const char contexts[4][4] = {"\0\0\0", "\0\0a", "\0ab", "ab\n"};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(contexts_next(&c, &f, why), 1);
        assert_string_equal(f.label, labels[i]);
        assert_memory_equal(f.data, contexts[i], 3);
    }
    assert_int_equal(contexts_next(&c, &f, why), 0);
    contexts_release(&c);
    input_free(in);
}

void likeliest_labels_come_first(void **state)
{
    (void)state;
    float scores[3] = {0.2F, 0.5F, 0};
    const char *labels[3] = {"a", "b", "c"};
    struct ffc_answers a = {
        .n = 1, .classes = 3, .class_name = labels, .scores = scores};
    size_t best[LIKELIEST];
    assert_int_equal(likeliest(&a, 0, best), 2);
    assert_int_equal(best[0], 1);
    assert_int_equal(best[1], 0);
    assert_true(probability(&a, 0, "b") == 0.5);
    assert_true(isnan(probability(&a, 0, "z")));
}

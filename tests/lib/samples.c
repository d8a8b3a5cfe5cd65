#include "tests/lib/samples.h"

struct ff_spec stream_spec(void)
{
    struct ff_spec s = tiny_spec();
    s.stream.keys = SAMPLE_KEYS;
    s.stream.shape[0] = CHANNELS;
    s.stream.shape[1] = s.stream.shape[2] = 1;
    s.stream.standardise = FF_STANDARDISE_OFF;
    s.stream.length = 4;
    s.stream.stride = 2;
    s.stream.horizon = 1000;
    return s;
}

struct ff_learned give(struct ff_model *m, uint64_t key, float a, float b,
                       int class_, uint64_t id, uint8_t flags)
{
    const float x[CHANNELS] = {a, b};
    const void *row = x;
    const struct ff_origin from = {.stream = key, .flags = flags};
    struct ff_learned out;
    assert_int_equal(ff_learn_stream(m, &row, &class_, &id, &from, 1, &out), 0);
    return out;
}

#include "tests/clients/source_kit.h"

struct source_kit kit;

const struct stream_shape kit_stream = {
    .length = 4, .stride = 2, .decimate = 1, .rate = 8000};

void kit_begin(size_t values, bool f32)
{
    names_init(&kit.names);
    kit.shape = shape_of(1, values, f32);
    kit.shape.i16 = !f32;
    kit.shape.frame_bytes = values * (f32 ? 4 : 2);
    kit.why[0] = '\0';
}

void kit_end(struct source *s)
{
    if (s)
        s->free(s);
    names_release(&kit.names);
}

struct mark kit_next(struct source *s, void *frame)
{
    struct mark mark;
    assert_int_equal(s->next(s, frame, &mark, kit.why), 1);
    return mark;
}

void kit_ends(struct source *s, int with)
{
    uint8_t frame[256];
    struct mark mark;
    assert_int_equal(s->next(s, frame, &mark, kit.why), with);
}

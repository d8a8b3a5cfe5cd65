#include "clients/cli/strange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

#define BLURS 6

bool strange_wanted(const struct strange_options *o)
{
    return o->against || o->rotate || o->hybrids;
}

bool strange_needs_own(const struct strange_options *o)
{
    return o->hybrids || (o->rotate && !o->against);
}

static size_t width(const struct ffc_model *m)
{
    return m->dims > 1 ? m->shape[1] : 1;
}

static int check(const struct strange_options *o, const struct ffc_model *shape,
                 char why[WHY_MAX])
{
    if (o->hybrids && (o->against || o->rotate)) {
        snprintf(why, WHY_MAX,
                 "--hybrids goes with neither "
                 "--novelty-against nor --rotate");
        return -1;
    }
    if (o->rotate && shape->shape[0] != width(shape)) {
        snprintf(why, WHY_MAX,
                 "--rotate needs square images, and the model's "
                 "frames are none");
        return -1;
    }
    return 0;
}

int strange_init(struct strange *s, const struct strange_options *o,
                 struct input *own, const struct ffc_model *shape, size_t n,
                 uint64_t seed, char why[WHY_MAX])
{
    memset(s, 0, sizeof *s);
    if (check(o, shape, why) < 0)
        return -1;
    s->o = *o;
    s->shape = shape;
    s->own = own;
    s->n = n;
    rng_init(&s->rng, seed);
    s->frame = must_alloc(1, shape->frame_bytes);
    s->mask = must_alloc(shape->values, sizeof *s->mask);
    s->spare = must_alloc(shape->values, sizeof *s->spare);
    if (o->against) {
        struct input_options other;
        input_options_init(&other);
        other.kind = INPUT_IDX;
        other.path = o->against;
        other.limit = n;
        s->other = input_open(&other, shape, NULL, why);
        return s->other ? 0 : -1;
    }
    return 0;
}

void strange_release(struct strange *s)
{
    input_free(s->other);
    free(s->frame);
    free(s->mask);
    free(s->spare);
}

void strange_rotate(uint8_t *to, const uint8_t *from, size_t H, size_t bytes)
{
    for (size_t y = 0; y < H; y++) {
        for (size_t x = 0; x < H; x++)
            memcpy(to + ((H - 1 - x) * H + y) * bytes,
                   from + (y * H + x) * bytes, bytes);
    }
}

/* [1/4 1/2 1/4] along n values `step` apart, the ends repeated. */
static void blur_line(float *to, const float *from, size_t n, size_t step)
{
    for (size_t i = 0; i < n; i++) {
        float before = from[(i ? i - 1 : 0) * step];
        float after = from[(i + 1 < n ? i + 1 : i) * step];
        to[i * step] = 0.25F * before + 0.5F * from[i * step] + 0.25F * after;
    }
}

void strange_mask(float *mask, float *spare, size_t H, size_t W,
                  struct rng *rng)
{
    for (size_t i = 0; i < H * W; i++)
        mask[i] = rng_unit(rng);
    for (int pass = 0; pass < BLURS; pass++) {
        for (size_t y = 0; y < H; y++)
            blur_line(spare + y * W, mask + y * W, W, 1);
        for (size_t x = 0; x < W; x++)
            blur_line(mask + x, spare + x, H, W);
    }
    for (size_t i = 0; i < H * W; i++)
        mask[i] = mask[i] > 0.5F ? 1 : 0;
}

static const void *hybrid(struct strange *s)
{
    const struct ffc_model *m = s->shape;
    size_t H = m->shape[0], W = width(m), each = m->frame_bytes / (H * W);
    size_t n = input_loaded(s->own);
    const uint8_t *a = input_at(s->own, rng_below(&s->rng, n));
    const uint8_t *b = input_at(s->own, rng_below(&s->rng, n));
    strange_mask(s->mask, s->spare, H, W, &s->rng);
    for (size_t i = 0; i < H * W; i++)
        memcpy(s->frame + i * each, (s->mask[i] > 0 ? a : b) + i * each, each);
    return s->frame;
}

int strange_next(struct strange *s, struct input_frame *out, char why[WHY_MAX])
{
    const void *frame;
    if (s->at == s->n || (!s->o.against && input_loaded(s->own) == 0))
        return 0;
    if (s->o.against) {
        int got = input_next(s->other, out, why);
        if (got <= 0)
            return got;
        frame = out->data;
    } else if (s->o.hybrids) {
        frame = hybrid(s);
    } else {
        frame = input_at(s->own, s->at % input_loaded(s->own));
    }
    if (s->o.rotate) {
        size_t H = s->shape->shape[0];
        strange_rotate(s->frame, frame, H, s->shape->frame_bytes / (H * H));
        frame = s->frame;
    }
    s->at++;
    *out = (struct input_frame){.data = frame, .number = -1};
    return 1;
}

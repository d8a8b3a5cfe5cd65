#include "lib/layer.h"

#include <string.h>

#include "lib/expect.h"
#include "lib/objective.h"
#include "lib/vec.h"

/* Of the frame's width, not of the input's own: a picture that pools made one
   column of is none. */
bool ff_layer_over_time(const struct ff_spec *spec, size_t l)
{
    bool time = spec->shape[1] == 1;
    for (size_t i = 0; i < l; i++)
        time |= spec->recurrent[i];
    return time;
}

static void begin(struct ff_layer *l, const struct ff_spec *spec, size_t i)
{
    const struct ff_conv_spec *c = &spec->conv[i];
    l->kind = spec->recurrent[i] ? &ff_recurrent
              : c->kernel > 0    ? &ff_conv
                                 : &ff_dense;
    l->R = spec->units[i];
    l->D = l->in[0] * l->in[1] * l->in[2];
    l->window = (struct ff_window){.kernel = c->kernel,
                                   .stride = c->stride,
                                   .pad = c->pad,
                                   .pool = c->pool,
                                   .groups = c->groups,
                                   .grid = c->grid};
    struct ff_window *w = &l->window;
    w->across.kernel = w->across.pool = w->across.grid = 1;
    if (ff_layer_over_time(spec, i) || spec->recurrent[i])
        return;
    w->across.kernel = w->kernel;
    w->across.pad = w->pad;
    w->across.pool = w->pool;
    w->across.grid = w->grid;
}

void ff_layers_size(struct ff_layer *layer, const struct ff_spec *spec,
                    size_t slots)
{
    for (size_t i = 0; i < spec->layers; i++) {
        struct ff_layer *l = &layer[i];
        *l = (struct ff_layer){0};
        memcpy(l->in, i == 0 ? spec->shape : layer[i - 1].out, sizeof l->in);
        begin(l, spec, i);
        size_t more = i == 0 ? slots : 0;
        if (ff_objective_of(spec->objective)->settles) {
            more += i + 1 < spec->layers ? spec->units[i + 1] : spec->classes;
            l->state = spec->units[i];
        }
        if ((i == 0 || more > 0) && l->kind == &ff_dense) {
            l->D += more;
            l->in[0] = l->in[1] = 1;
            l->in[2] = l->D;
        }
        l->kind->size(l, spec->normalise == FF_NORMALISE_CENTRED);
        l->S = ff_objective_of(spec->objective)->judges_sums
                   ? l->out[0] * l->out[1]
                   : 1;
    }
}

void ff_layer_peer(struct ff_layer *l, const float *h, float *dz, size_t n,
                   const struct ff_step_size *step)
{
    size_t R = l->R, places = n * l->H / R; /* units answer at each of them */
    float mean = 0;
    for (size_t j = 0; j < R; j++) {
        float sum = 0;
        for (size_t i = 0; i < places; i++)
            sum += h[i * R + j];
        l->activity[j] = step->activity * l->activity[j] +
                         (1 - step->activity) * sum / (float)places;
        mean += l->activity[j] / (float)R;
    }
    for (size_t i = 0; i < places; i++)
        for (size_t j = 0; j < R; j++)
            dz[i * R + j] += step->peer * (l->activity[j] - mean);
}

void ff_layer_apply(struct ff_layer *l, float *params, const float *u, size_t n,
                    const struct ff_lesson *lesson)
{
    const struct ff_step_size *step = &lesson->step;
    if (step->shrink > 0)
        ff_vec_scale(params + l->W, l->R * l->C, 1 - step->shrink);
    ff_rule_apply(&l->W_rule, params + l->W, step->W, step->decay, NULL);
    ff_rule_apply(&l->b_rule, params + l->b, step->W, step->decay, NULL);
    ff_expect_follow(l, params, u, n, step->mean);
}

#include "lib/layer.h"

#include <string.h>

#include "lib/objective.h"

/* Of the frame's width, not of the input's own: a picture that pools made one
   column of is none. */
bool ff_layer_over_time(const struct ff_spec *spec, size_t l)
{
    (void)l;
    return spec->shape[1] == 1;
}

static void begin(struct ff_layer *l, const struct ff_spec *spec, size_t i)
{
    const struct ff_conv_spec *c = &spec->conv[i];
    l->kind = c->kernel > 0 ? &ff_conv : &ff_dense;
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
    if (ff_layer_over_time(spec, i))
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
        if (i == 0 && l->kind == &ff_dense) {
            l->D += slots;
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

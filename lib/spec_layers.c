/*
 * spec_layers.c -- whether layers fit on one another, and what they make of a
 * frame is not too much to learn from or to fit to.
 */
#include <string.h>

#include "lib/fit.h"
#include "lib/layer.h"
#include "lib/objective.h"
#include "lib/spec_check.h"

#define FITTED_MAX 8192 /* features; their covariance takes the square */
#define ROOM_MAX   ((size_t)1 << 28) /* values; 1 GiB in each pass */
#define GRID       3 /* cells a side, but for groups, which are means */
#define FREEZE_MAX ((uint64_t)1 << 53) /* frames; exact in any JSON */

/* A side of what is passed up; 0: the kernel does not fit in. */
static size_t answers(size_t in, const struct ff_conv_spec *c)
{
    if (in + 2 * c->pad < c->kernel)
        return 0;
    return ((in + 2 * c->pad - c->kernel) / c->stride + 1) / c->pool;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many cells a side of the grid may have; what is left to choose is
   chosen. */
static size_t choose_grid(struct ff_spec *s, size_t l, const size_t out[2])
{
    size_t cells = s->goodness == FF_GOODNESS_GROUPS ? 1 : GRID;
    size_t side = ff_layer_over_time(s, l) ? out[0] : least(out[0], out[1]);
    size_t *grid = &s->conv[l].grid;
    if (*grid == 0)
        *grid = least(cells, side);
    return least(FF_GRID_MAX, side);
}

/* A convolution over an input of this shape, which becomes that of its
   output. */
static int check_window(struct ff_spec *s, size_t l, size_t shape[3], char *why)
{
    struct ff_conv_spec *c = &s->conv[l];
    c->stride = c->stride ? c->stride : 1;
    c->pool = c->pool ? c->pool : 1;
    c->groups = c->groups ? c->groups : 1;
    const struct {
        const char *name;
        size_t value, least, most;
    } limits[] = {{"kernel", c->kernel, 1, FF_KERNEL_MAX},
                  {"stride", c->stride, 1, FF_KERNEL_MAX},
                  {"pad", c->pad, 0, c->kernel - 1},
                  {"pool", c->pool, 1, FF_KERNEL_MAX}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (limits[i].value < limits[i].least ||
            limits[i].value > limits[i].most)
            return ff_spec_refuse(why,
                                  "layers[%zu].%s: must be %zu to %zu, is %zu",
                                  l, limits[i].name, limits[i].least,
                                  limits[i].most, limits[i].value);
    if (shape[2] % c->groups || s->units[l] % c->groups)
        return ff_spec_refuse(
            why,
            "layers[%zu].groups: must divide the channels of its "
            "input (%zu) and its own (%zu), is %zu",
            l, shape[2], s->units[l], c->groups);
    size_t out[] = {answers(shape[0], c), 1};
    if (!ff_layer_over_time(s, l))
        out[1] = answers(shape[1], c);
    if (out[0] == 0 || out[1] == 0)
        return ff_spec_refuse(
            why,
            "layers[%zu].conv: nothing is left of an input of %zu x "
            "%zu; take a smaller kernel or pool, more pad, or fewer "
            "layers",
            l, shape[0], shape[1]);
    size_t most = choose_grid(s, l, out);
    if (c->grid > most)
        return ff_spec_refuse(
            why,
            "layers[%zu].grid: must be 1 to %zu with an output of "
            "%zu x %zu, is %zu",
            l, most, out[0], out[1], c->grid);
    shape[0] = out[0];
    shape[1] = out[1];
    shape[2] = s->units[l];
    if (shape[0] * shape[1] * shape[2] > FF_INPUTS_MAX)
        return ff_spec_refuse(
            why, "layers[%zu].conv: passes up more than %zu values", l,
            FF_INPUTS_MAX);
    return 0;
}

/* A recurrent layer over an input of this shape, likewise. */
static int check_steps(struct ff_spec *s, size_t l, size_t shape[3], char *why)
{
    struct ff_conv_spec *c = &s->conv[l];
    c->pool = c->pool ? c->pool : 1;
    c->kernel = c->stride = c->pad = c->groups = 0;
    size_t most = least(FF_KERNEL_MAX, shape[0]);
    if (c->pool > most)
        return ff_spec_refuse(
            why, "layers[%zu].pool: must be 1 to %zu of %zu steps, is %zu", l,
            most, shape[0], c->pool);
    shape[0] /= c->pool;
    shape[1] = 1;
    shape[2] = s->units[l];
    most = least(FF_GRID_MAX, shape[0]);
    if (c->grid == 0)
        c->grid = least(s->goodness == FF_GOODNESS_GROUPS ? 1 : GRID, most);
    if (c->grid > most)
        return ff_spec_refuse(
            why, "layers[%zu].grid: must be 1 to %zu with %zu steps, is %zu", l,
            most, shape[0], c->grid);
    if (shape[0] * shape[2] > FF_INPUTS_MAX)
        return ff_spec_refuse(
            why, "layers[%zu].recurrent: passes up more than %zu values", l,
            FF_INPUTS_MAX);
    return 0;
}

static int check_layer(struct ff_spec *s, size_t l, size_t shape[3], char *why)
{
    bool recurrent = s->recurrent[l], conv = s->conv[l].kernel > 0;
    const char *kind = recurrent ? "recurrent" : "conv";
    if (s->units[l] < 1 || s->units[l] > FF_UNITS_MAX)
        return ff_spec_refuse(why, "layers[%zu].units: must be 1 to %d, is %zu",
                              l, FF_UNITS_MAX, s->units[l]);
    if (s->goodness == FF_GOODNESS_GROUPS && s->units[l] % s->classes)
        return ff_spec_refuse(
            why,
            "layers[%zu].units: must be a multiple of classes (%zu) "
            "with goodness: groups, is %zu",
            l, s->classes, s->units[l]);
    if (s->freeze[l] > FREEZE_MAX)
        return ff_spec_refuse(why,
                              "layers[%zu].freeze: must be at most %llu frames",
                              l, (unsigned long long)FREEZE_MAX);
    if (!conv && !recurrent) {
        shape[0] = shape[1] = 0; /* no picture any more */
        return 0;
    }
    if (ff_objective_of(s->objective)->settles)
        return ff_spec_refuse(
            why, "layers[%zu].%s: must be dense with objective: top_down", l,
            kind);
    if (l == 0 && ff_objective_of(s->objective)->label_slots)
        return ff_spec_refuse(
            why,
            "layers[0].%s: must be dense with objective: label_overlay; "
            "label_pattern has the label in the picture",
            kind);
    if (shape[0] == 0 || !s->image)
        return ff_spec_refuse(
            why, "layers[%zu].%s: needs a picture below it, not %s", l, kind,
            l == 0 ? "a vector" : "a dense layer");
    return recurrent ? check_steps(s, l, shape, why)
                     : check_window(s, l, shape, why);
}

/* Distances are between features of the last layer, and of the first if it has
   many inputs; see fit.h. */
static int check_fitted(const struct ff_spec *s, char *why)
{
    struct ff_layer layer[FF_LAYERS_MAX];
    bool slots = ff_objective_of(s->objective)->label_slots;
    ff_layers_size(layer, s, slots ? s->classes : 0);
    size_t most = layer[s->layers - 1].Q, all = 0;
    if (layer[0].D > FF_FIT_INPUTS && layer[0].Q > most)
        most = layer[0].Q;
    for (size_t l = 0; l < s->layers; l++)
        all += layer[l].Q;
    if (s->calibration > 0 && most > FITTED_MAX)
        return ff_spec_refuse(
            why,
            "calibration: must be 0 with a last layer (with more than "
            "%d inputs, a first) of more than %d units (times cells of its "
            "grid), is one of %zu",
            FF_FIT_INPUTS, FITTED_MAX, most);
    if (s->answer == FF_ANSWER_CLOSED_FORM && all > FITTED_MAX)
        return ff_spec_refuse(
            why,
            "answer: closed_form takes at most %d units (times cells "
            "of their grids) in all layers, are %zu; take softmax",
            FITTED_MAX, all);
    return 0;
}

int ff_spec_check_layers(struct ff_spec *s, char *why)
{
    size_t shape[3];
    if (s->layers < 1 || s->layers > FF_LAYERS_MAX)
        return ff_spec_refuse(why, "layers: must be 1 to %d of them, are %zu",
                              FF_LAYERS_MAX, s->layers);
    memcpy(shape, s->shape, sizeof shape);
    for (size_t l = 0; l < s->layers; l++) {
        int status = check_layer(s, l, shape, why);
        if (status)
            return status;
    }
    return check_fitted(s, why);
}

/* What a micro-batch makes of itself on its way through the layers. A snapshot
   does not hold it, so a forged one could ask for any amount. */
int ff_spec_check_room(const struct ff_spec *s, char *why)
{
    struct ff_layer layer[FF_LAYERS_MAX];
    const struct ff_objective *o = ff_objective_of(s->objective);
    ff_layers_size(layer, s, o->label_slots ? s->classes : 0);
    size_t values = layer[0].D, rows = s->batch * o->rows_a_frame;
    for (size_t l = 0; l < s->layers; l++)
        values += layer[l].D + 3 * layer[l].H + layer[l].state;
    if (values <= ROOM_MAX / rows)
        return 0;
    return ff_spec_refuse(
        why,
        "batch: %zu frames make %zu values each of themselves in "
        "these layers, more than %zu; take fewer, or larger pools",
        s->batch, values * o->rows_a_frame, ROOM_MAX);
}

/*
 * model.c -- a model's birth and death: one block, carved.
 */
#include "lib/model.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "lib/goodness.h"
#include "lib/mat.h"
#include "lib/pattern.h"

/* Where each layer's parameters are in the flat array. */
static void lay_out(struct ff_model *m)
{
    size_t at = 0, N = m->N;
    m->F = 0;
    ff_layers_size(m->layer, &m->spec, m->slots);
    for (size_t l = 0; l < m->L; l++) {
        struct ff_layer *layer = &m->layer[l];
        layer->N = N;
        layer->W = at;
        layer->b = layer->W + layer->R * layer->C;
        layer->V = layer->b + layer->R;
        layer->c = layer->V + N * layer->Q;
        layer->mean = layer->c + N;
        at = layer->mean + layer->M;
        if (layer->kind->scales) {
            layer->variance = at;
            at += layer->M;
        }
        m->F += layer->Q;
    }
    if (m->spec.answer == FF_ANSWER_SOFTMAX)
        at = ff_readout_init(&m->readout, m->F, m->K, at, NULL);
    m->params_n = at;
}

static void carve_layer(struct ff_layer *l, struct ff_arena *a,
                        const struct ff_spec *spec)
{
    enum ff_update_kind kind = spec->update;
    l->kind->carve(l, a, kind);
    if (spec->goodness == FF_GOODNESS_WEIGHTED) {
        ff_rule_carve_eager(&l->V_rule, a, kind, l->N, l->Q);
        ff_rule_carve_eager(&l->c_rule, a, kind, l->N, 1);
    }
    l->activity = ff_arena_take(a, l->R, sizeof *l->activity);
}

static void carve_work(struct ff_model *m, struct ff_arena *a)
{
    struct ff_work *w = &m->work;
    size_t n = m->spec.batch, B = n * m->objective->rows_a_frame;
    ff_pass_carve(&w->pass, a, m, B);
    ff_opinion_carve(&w->opinion, a, m, n);
    for (size_t l = 0; l < m->L; l++)
        w->dG[l] = ff_arena_take(a, B * m->layer[l].S * m->N, sizeof *w->dG[l]);
    w->role = ff_arena_take(a, B, sizeof *w->role);
    w->class_ = ff_arena_take(a, B, sizeof *w->class_);
    w->live = ff_arena_take(a, m->K + 1, sizeof *w->live);
    w->known = ff_arena_take(a, m->K, sizeof *w->known);
    if (m->spec.stream.keys > 0)
        w->made = ff_arena_take(a, n, m->frame_bytes);
    w->given = ff_arena_take(a, n, sizeof *w->given);
    w->alarm = ff_arena_take(a, n, sizeof *w->alarm);
    if (m->spec.stream.anomaly > 0 && m->spec.stream.keys > 0)
        w->typicality = ff_arena_take(a, n, sizeof *w->typicality);
    w->whose = ff_arena_take(a, n, sizeof *w->whose);
    w->frame = ff_arena_take(a, n, sizeof *w->frame);
    w->at = ff_arena_take(a, n, sizeof *w->at);
    w->label = ff_arena_take(a, n, sizeof *w->label);
    w->predicted = ff_arena_take(a, n, sizeof *w->predicted);
    w->confidence = ff_arena_take(a, n, sizeof *w->confidence);
    uint8_t **const flags[] = {&w->late, &w->pseudo, &w->teach,
                               &w->fate, &w->judged, &w->right};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        *flags[i] = ff_arena_take(a, n, sizeof **flags[i]);
    w->images = ff_arena_take(a, n * m->D, sizeof *w->images);
    w->spare = ff_arena_take(a, m->D, sizeof *w->spare);
    w->climb = ff_arena_take(a, n * m->layer[0].D, sizeof *w->climb);
    w->mask = ff_arena_take(a, m->D, sizeof *w->mask);
}

/* What is fitted is always there, if only to say that it is not. */
static void carve_fit(struct ff_model *m, struct ff_arena *a)
{
    m->readout_seen = ff_arena_take(a, 1, sizeof *m->readout_seen);
    m->readout.seen = m->readout_seen;
    ff_memory_carve(&m->spared, a, m->spec.calibration, m->frame_bytes, m->K);
    ff_fit_carve(&m->fit, a, m);
    for (int i = 0; i < FF_VIEWS; i++)
        ff_fit_carve(&m->view[i].fit, a, m);
    if (m->fits)
        ff_fitting_carve(&m->fitting, a, m);
}

static void carve(struct ff_model *m)
{
    struct ff_arena *a = &m->arena;
    m->params = ff_arena_take(a, m->params_n, sizeof *m->params);
    m->average = ff_arena_take(a, m->params_n, sizeof *m->average);
    for (size_t l = 0; l < m->L; l++)
        carve_layer(&m->layer[l], a, &m->spec);
    carve_work(m, a);
    if (m->spec.stream.keys > 0)
        ff_front_carve(&m->front, a, &m->spec);
    if (m->spec.objective == FF_SEQUENCE)
        ff_sequence_carve(&m->sequence, a, &m->spec);
    /* Frames without a label are remembered as a class of their own. */
    ff_memory_carve(&m->memory, a, m->spec.memory, m->frame_bytes,
                    m->K + !m->objective->needs_labels);
    ff_pending_carve(&m->pending, a, m->spec.pending, m->frame_bytes);
    ff_labels_carve(&m->labels, a, m->K);
    ff_prequential_carve(&m->prequential, a);
    ff_drift_carve(&m->drift, a);
    carve_fit(m, a);
    m->rng = ff_arena_take(a, 1, sizeof *m->rng);
    m->count = ff_arena_take(a, 1, sizeof *m->count);
    m->tally = ff_arena_take(a, 1, sizeof *m->tally);
    m->credit = ff_arena_take(a, 1, sizeof *m->credit);
    m->gauges = ff_arena_take(a, m->L, sizeof *m->gauges);
    m->last_seen = ff_arena_take(a, m->K, sizeof *m->last_seen);
    m->bank_size = m->spec.objective == FF_COMPETITIVE
                       ? m->spec.batch + m->spec.batch % 2
                       : FF_BANK_ROWS;
    m->bank = ff_arena_take(a, m->bank_size * m->layer[0].D, sizeof *m->bank);
    m->range = ff_arena_take(a, 2, sizeof *m->range);
    if (m->objective->patterns)
        m->patterns =
            ff_arena_take(a, m->K * m->D / m->spec.shape[2], sizeof *m->range);
    ff_recents_carve(&m->recent, a, m->L, m->frame_bytes);
    for (int i = 0; i < FF_VIEWS; i++) {
        struct ff_view *v = &m->view[i];
        v->params = ff_arena_take(a, m->params_n, sizeof *v->params);
        v->live = ff_arena_take(a, m->K + 1, sizeof *v->live);
        v->model = m;
        v->refs = &m->refs[i];
    }
}

static void start(struct ff_model *m)
{
    ff_rng_init(m->rng, m->spec.seed);
    for (size_t l = 0; l < m->L; l++) {
        struct ff_layer *layer = &m->layer[l];
        layer->kind->init(layer, m->params, m->rng);
        if (m->spec.goodness == FF_GOODNESS_GROUPS)
            ff_goodness_groups(m->params + layer->V, m->K, m->N, layer->Q,
                               layer->R);
        if (m->spec.goodness == FF_GOODNESS_LAYER)
            ff_goodness_layer(m->params + layer->V, layer->Q);
    }
    if (ff_sequence_is(&m->sequence))
        ff_sequence_start(&m->sequence);
    /* What sleep draws does not depend on how many weights there were. */
    ff_rng_init(m->rng, ~m->spec.seed);
    if (m->spec.dtype == FF_U8)
        m->range[1] = 1;
    if (m->patterns)
        ff_pattern_draw(m->patterns, m->K, &m->spec);
    memcpy(m->average, m->params, m->params_n * sizeof *m->params);
}

int ff_model_new(struct ff_model **out, const struct ff_spec *spec)
{
    struct ff_model *m = ff_alloc(sizeof *m);
    if (!m)
        return FF_ENOMEM;
    ff_mat_init();
    m->spec = *spec;
    m->dtype = spec->dtype;
    m->D = ff_spec_inputs(spec);
    m->K = spec->classes;
    m->objective = ff_objective_of(spec->objective);
    m->N = spec->goodness == FF_GOODNESS_LAYER ? 1 : m->K + 1;
    m->fits = spec->memory > 0 &&
              (spec->calibration > 0 || spec->answer == FF_ANSWER_CLOSED_FORM);
    m->slots = m->objective->label_slots ? m->K : 0;
    m->L = spec->layers;
    m->frame_bytes = ff_spec_frame_bytes(spec);
    ff_contest_init(&m->contest, spec);
    lay_out(m);
    carve(m);
    m->bytes = m->arena.used;
    if (ff_arena_init(&m->arena)) {
        ff_release(m);
        return FF_ENOMEM;
    }
    carve(m);
    start(m);
    ff_publish(m);
    *out = m;
    return 0;
}

void ff_model_free(struct ff_model *m)
{
    if (!m)
        return;
    if (ff_sequence_is(&m->sequence))
        ff_sequence_stop(&m->sequence);
    ff_arena_release(&m->arena);
    ff_release(m);
}

const struct ff_spec *ff_model_spec(const struct ff_model *m)
{
    return &m->spec;
}

int ff_model_tune(struct ff_model *m, const struct ff_spec *spec)
{
    char why[FF_WHY_MAX];
    if (!ff_spec_same_structure(&m->spec, spec, why))
        return FF_ESPEC;
    /* Who answers or fits beside us reads the others. */
    size_t from = offsetof(struct ff_spec, loss);
    memcpy((char *)&m->spec + from, (const char *)spec + from,
           sizeof *spec - from);
    ff_contest_init(&m->contest, spec);
    *m->credit = (struct ff_credit){0}; /* it was due to the old proportions */
    return 0;
}

size_t ff_model_bytes(const struct ff_model *m)
{
    return m->bytes;
}

int ff_label_bind(struct ff_model *m, const char *name, size_t n, int *class_)
{
    return ff_labels_bind(&m->labels, name, n, class_);
}

int ff_label_find(const struct ff_model *m, const char *name, size_t n)
{
    return ff_labels_find(&m->labels, name, n);
}

const char *ff_label_name(const struct ff_model *m, int class_)
{
    return ff_labels_name(&m->labels, class_);
}

size_t ff_label_count(const struct ff_model *m)
{
    return ff_labels_count(&m->labels);
}

size_t ff_label_room(const struct ff_model *m)
{
    return ff_labels_room(&m->labels);
}

bool ff_label_shown(const struct ff_model *m, int class_)
{
    return ff_labels_shown(&m->labels, class_);
}

int ff_label_place(struct ff_model *m, int class_, const char *name, size_t n)
{
    return ff_labels_place(&m->labels, class_, name, n);
}

uint64_t ff_model_record(const struct ff_model *m)
{
    return m->record;
}

void ff_model_set_record(struct ff_model *m, uint64_t record)
{
    m->record = record;
}

void ff_model_stats(const struct ff_model *m, struct ff_stats *out)
{
    const struct ff_counters *c = m->count;
    struct ff_drift_status drift;
    ff_drift_status(&m->drift, &drift);
    *out = (struct ff_stats){
        .seq = c->seq,
        .step = c->step,
        .debt = c->debt,
        .replayed = c->replayed,
        .confused = c->confused,
        .dreamt = c->dreamt,
        .labelled = m->tally->labelled,
        .late = m->tally->late,
        .missed = m->tally->missed,
        .pseudo = m->tally->pseudo,
        .pending = ff_pending_count(&m->pending),
        .fits = m->tally->fits,
        .error_alarms =
            drift.error.tally.adwin + drift.error.tally.page_hinkley,
        .level_alarms =
            drift.level.tally.adwin + drift.level.tally.page_hinkley,
        .drifted = drift.error.tally.last,
        .held_out = ff_memory_count(&m->spared),
        .accuracy_window = ff_prequential_window(&m->prequential),
        .accuracy_fading = ff_prequential_fading(&m->prequential),
        .anomalies = m->front.anomaly.R ? *m->front.anomaly.alarms : 0,
        .bits_window = NAN,
        .bits_fading = NAN,
        .bits_all = NAN,
        .remembered = ff_memory_count(&m->memory),
        .windows = m->front.slots.S ? *m->front.windows : 0,
        .streams = ff_slots_count(&m->front.slots, false),
        .streams_gone = m->front.slots.S ? *m->front.slots.gone : 0,
        .layers = ff_sequence_is(&m->sequence) ? 0 : m->L,
    };
    if (ff_sequence_is(&m->sequence)) {
        const struct ff_bits *bits = &m->sequence.bits;
        out->bits_window = ff_bits_window(bits);
        out->bits_fading = ff_bits_fading(bits);
        out->bits_all = ff_bits_all(bits);
    }
    for (size_t l = 0; l < m->L; l++)
        out->layer[l] = (struct ff_layer_stats){
            .skipped = m->gauges[l].skipped,
            .goodness_real = m->gauges[l].real,
            .goodness_dream = c->dreamt ? m->gauges[l].dream : NAN,
            .silent_units = (size_t)m->gauges[l].silent,
        };
}

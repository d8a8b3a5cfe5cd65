/*
 * classes.c -- labels by hand: rename, merge, forget.
 *
 * A class that is left (its label was merged into another, or is forgotten) is
 * as it was before its first frame: what learned of it alone is made anew, and
 * what was made of all classes together stays.
 *
 *   goodness: weighted   its row of V and c is 0
 *   goodness: groups     its units are drawn again
 *   label_overlay        what the first layer makes of its slot is drawn again
 *   softmax read-out     its row is 0
 *   what is fitted       see ff_fit_merge, ff_fit_forget
 *
 * All of it is a function of the model, as learning is. A label that was not
 * shown has taught nothing: only its name goes, and no number moves.
 */
#include <string.h>

#include "lib/model.h"
#include "lib/vec.h"

static void copy(const struct ff_model *m, size_t at, size_t n)
{
    memcpy(m->average + at, m->params + at, n * sizeof *m->params);
}

/* ---- what learned of one class alone --------------------------------------
 */

static void renew_verdict(struct ff_model *m, struct ff_layer *l, size_t k)
{
    memset(m->params + l->V + k * l->Q, 0, l->Q * sizeof *m->params);
    m->params[l->c + k] = 0;
    copy(m, l->V + k * l->Q, l->Q);
    copy(m, l->c + k, 1);
    ff_rule_renew(&l->V_rule, k, 0);
    ff_rule_renew(&l->c_rule, k, 0);
}

/* A unit that begins beside others that are known takes their running means:
   its steps are as large as theirs, and its peers do not pull at it. */
static void renew_unit(struct ff_model *m, struct ff_layer *l, size_t j,
                       float r, float activity)
{
    l->kind->renew_unit(l, m->params, j, m->rng);
    copy(m, l->W + j * l->C, l->C);
    copy(m, l->b + j, 1);
    ff_rule_renew(&l->W_rule, j, r);
    if (l->b_rule.R > 0)
        ff_rule_renew(&l->b_rule, j, 0);
    l->activity[j] = activity;
}

static float mean_but(const float *x, size_t n, size_t from, size_t to)
{
    double sum = 0;
    size_t others = n - (to - from);
    for (size_t i = 0; i < n; i++)
        if (i < from || i >= to)
            sum += (double)x[i];
    return others > 0 ? (float)(sum / (double)others) : 0;
}

static void renew_group(struct ff_model *m, size_t layer, size_t k)
{
    struct ff_layer *l = &m->layer[layer];
    size_t own = l->R / m->K, from = k * own, to = from + own;
    float r = ff_rule_mean(&l->W_rule, from, to);
    float activity = mean_but(l->activity, l->R, from, to);
    for (size_t j = from; j < to; j++)
        renew_unit(m, l, j, r, activity);
    if (layer + 1 == m->L)
        return;
    /* What the layer above expects of them, at each place. */
    const struct ff_layer *above = &m->layer[layer + 1];
    size_t sets = above->kind->scales ? 2 : 1;
    for (size_t at = 0; at < sets * above->M; at += l->R) {
        float *expected = m->params + above->mean + at;
        float mean = mean_but(expected, l->R, from, to);
        for (size_t j = from; j < to; j++)
            expected[j] = mean;
        copy(m, above->mean + at + from, own);
    }
}

static void renew_slot(struct ff_model *m, size_t k)
{
    bool top = m->objective->settles;
    struct ff_layer *l = &m->layer[top ? m->L - 1 : 0];
    size_t at = top ? l->D - m->K + k : k;
    l->kind->renew_input(l, m->params, at, m->rng);
    for (size_t j = 0; j < l->H; j++)
        copy(m, l->W + j * l->D + at, 1);
    if (l->M == 0)
        return;
    m->params[l->mean + at] = 0; /* no frame has this label */
    copy(m, l->mean + at, 1);
}

/* The class is as it was before its first frame, and free. */
static void leave(struct ff_model *m, int class_)
{
    size_t k = (size_t)class_;
    for (size_t l = 0; l < m->L; l++)
        if (m->spec.goodness == FF_GOODNESS_WEIGHTED)
            renew_verdict(m, &m->layer[l], k);
        else if (m->spec.goodness == FF_GOODNESS_GROUPS)
            renew_group(m, l, k);
    if (m->slots > 0 || m->objective->settles)
        renew_slot(m, k);
    if (m->readout.K > 0) {
        ff_readout_renew(&m->readout, m->params, k);
        ff_readout_renew(&m->readout, m->average, k);
    }
    m->last_seen[k] = 0;
    ff_labels_drop(&m->labels, class_);
}

/* ---- two classes become one -----------------------------------------------
 * A beginning that answers for both as well as one row can; sleep does the
 * rest. Measured: README.md.
 */

/* The greater of each: what speaks for either speaks for both. */
static void join_verdicts(const struct ff_layer *l, float *params, size_t from,
                          size_t to)
{
    const float *V = params + l->V + from * l->Q, *c = params + l->c;
    float *to_V = params + l->V + to * l->Q, *to_c = params + l->c + to;
    for (size_t j = 0; j < l->Q; j++)
        to_V[j] = V[j] > to_V[j] ? V[j] : to_V[j];
    *to_c = c[from] > *to_c ? c[from] : *to_c;
}

/* Every other unit of one group for that of the other: each is whole, with
   what is made of it above. (Only Adam's moments above stay where they are.) */
static void join_groups(struct ff_model *m, size_t layer, size_t from,
                        size_t to)
{
    struct ff_layer *l = &m->layer[layer];
    size_t own = l->R / m->K;
    float *const sets[] = {m->params, m->average};
    for (size_t i = 1; i < own; i += 2) {
        size_t a = from * own + i, b = to * own + i;
        for (int s = 0; s < 2; s++) {
            l->kind->swap_units(l, sets[s], a, b);
            if (layer + 1 < m->L)
                l[1].kind->swap_inputs(&l[1], sets[s], a, b);
        }
        ff_rule_swap(&l->W_rule, a, b);
        if (l->b_rule.R > 0)
            ff_rule_swap(&l->b_rule, a, b);
        ff_vec_swap(&l->activity[a], &l->activity[b], 1);
    }
}

/* Of what never had a frame there is nothing to join. */
static void join(struct ff_model *m, size_t from, size_t to)
{
    float *const sets[] = {m->params, m->average};
    if (m->last_seen[from] == 0 || m->last_seen[to] == 0)
        return;
    for (size_t l = 0; l < m->L; l++)
        if (m->spec.goodness == FF_GOODNESS_WEIGHTED)
            for (int s = 0; s < 2; s++)
                join_verdicts(&m->layer[l], sets[s], from, to);
        else if (m->spec.goodness == FF_GOODNESS_GROUPS)
            join_groups(m, l, from, to);
    for (int s = 0; s < 2 && m->readout.K > 0; s++)
        ff_readout_join(&m->readout, sets[s], from, to);
}

/* ---- by hand --------------------------------------------------------------
 */

/* Nobody may be in the way, or the new view could not be published. */
static int may_change(const struct ff_model *m, int class_)
{
    if (m->fitting.busy || !ff_view_free(m))
        return FF_EBUSY;
    return ff_labels_name(&m->labels, class_) ? 0 : FF_ELABEL;
}

/* Symbols are what a table is made of: they stay apart, and in it. */
static bool is_symbol(const struct ff_model *m, int class_)
{
    return ff_sequence_is(&m->sequence) && ff_labels_shown(&m->labels, class_);
}

int ff_label_rename(struct ff_model *m, int class_, const char *name, size_t n)
{
    int status = may_change(m, class_);
    if (!status)
        status = ff_labels_rename(&m->labels, class_, name, n);
    if (!status && is_symbol(m, class_))
        ff_sequence_know(m, class_);
    return status ? status : ff_publish(m);
}

/* Sleep makes the two one: it is owed as much as makes the model tired. */
static void owe(struct ff_model *m)
{
    if (m->spec.sleep.every > 0 && ff_memory_count(&m->memory) > 0)
        ff_sleep_owe(m, m->spec.sleep.every);
}

int ff_label_merge(struct ff_model *m, int from, int to)
{
    int status = may_change(m, from);
    if (status)
        return status;
    if (is_symbol(m, from))
        return FF_ESPEC;
    bool learned = ff_labels_shown(&m->labels, from);
    if (from == to || !ff_labels_name(&m->labels, to) ||
        (learned && !ff_labels_shown(&m->labels, to)))
        return FF_ELABEL;
    if (!learned) {
        ff_labels_drop(&m->labels, from);
        return ff_publish(m);
    }
    ff_memory_merge(&m->memory, from, to);
    ff_memory_merge(&m->spared, from, to);
    ff_front_merge(&m->front, from, to);
    if (m->objective->write_label) /* the labels are in what was made */
        ff_bank_clear(m);
    ff_fit_merge(m, from);
    ff_recents_merge(m, from, to);
    join(m, (size_t)from, (size_t)to);
    if (m->last_seen[from] > m->last_seen[to])
        m->last_seen[to] = m->last_seen[from];
    leave(m, from);
    ff_average_restart(m);
    owe(m);
    return ff_publish(m);
}

int ff_label_forget(struct ff_model *m, int class_)
{
    int status = may_change(m, class_);
    if (status)
        return status;
    if (is_symbol(m, class_))
        return FF_ESPEC;
    if (!ff_labels_shown(&m->labels, class_)) {
        ff_labels_drop(&m->labels, class_);
        return ff_publish(m);
    }
    ff_memory_forget(&m->memory, class_);
    ff_memory_forget(&m->spared, class_);
    ff_front_forget(&m->front, class_);
    if (!m->objective->needs_labels) /* any of them may be of the class */
        ff_memory_forget(&m->memory, (int)m->K);
    ff_pending_clear(&m->pending);
    ff_bank_clear(m);
    ff_fit_forget(m, class_);
    ff_recents_clear(m);
    leave(m, class_);
    return ff_publish(m);
}

/*
 * learn.c -- awake: predict, learn, remember, owe sleep.
 */
#include <math.h>
#include <string.h>

#include "lib/fit.h"
#include "lib/model.h"
#include "lib/vec.h"

#define NEWEST       64  /* frames that tell how wrong it is just now */
#define NEWS_FRAMES  32  /* first frames of a class that are news */
#define SPARED_EVERY 20  /* one labelled frame in so many is kept apart */
#define NEWS_WEIGHT  128 /* frames that such a frame counts as in debt */

void ff_model_read(const struct ff_model *m, float *x, const void *frame)
{
    if (m->dtype == FF_U8)
        ff_vec_from_u8(x, frame, m->D);
    else
        memcpy(x, frame, m->frame_bytes);
}

void ff_model_enter(const struct ff_model *m, float *x, const void *frame)
{
    ff_model_read(m, x + m->slots, frame);
    if (m->objective->write_label)
        m->objective->write_label(m, x, -1);
}

static void find_range(const float *x, size_t n, float *least, float *greatest)
{
    for (size_t i = 0; i < n; i++) {
        *least = x[i] < *least ? x[i] : *least;
        *greatest = x[i] > *greatest ? x[i] : *greatest;
    }
}

/*
 * A frame learned is a frame owed to sleep. News owes more, so that a handful
 * of frames of a new class is slept on thoroughly as soon as it is quiet; but
 * only as much as leaves the next exhaustion a whole `every` away, so that an
 * unbroken stream sleeps no more for it, and nothing with a strict period.
 */
static void owe(struct ff_model *m, int class_)
{
    const struct ff_sleep_spec *sleep = &m->spec.sleep;
    uint64_t *debt = &m->count->debt;
    if (sleep->every == 0 || m->memory.capacity == 0)
        return;
    ++*debt;
    uint64_t most = sleep->exhausted - sleep->every;
    if (class_ >= 0 && m->memory.seen[class_] <= NEWS_FRAMES && *debt < most) {
        *debt += NEWS_WEIGHT - 1;
        *debt = *debt < most ? *debt : most;
    }
}

static void remember(struct ff_model *m, const void *frame, int class_)
{
    int slot = class_ >= 0 ? class_ : (int)m->K; /* without a label */
    ff_memory_keep(&m->memory, m->rng, frame, slot);
    owe(m, class_);
}

/* ---- what a frame is ------------------------------------------------------
 */

/* Whether a label earlier in this call was for the same frame and found it. */
static bool is_given_out(const struct ff_model *m, const void *const *samples,
                         const uint64_t *ids, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (!samples[j] && ids[j] == ids[i] &&
            m->work.fate[j] != FF_FATE_MISSED)
            return true;
    return false;
}

/* The frame that a late label is for: one that waits, or one that came just
   now and would wait. */
static const void *find_late(struct ff_model *m, const void *const *samples,
                             const int *classes, const uint64_t *ids, size_t i)
{
    uint64_t age = m->spec.pending_age;
    if (ids[i] == 0 || classes[i] < 0 || is_given_out(m, samples, ids, i))
        return NULL;
    const void *frame =
        ff_pending_find(&m->pending, ids[i], m->count->seq + i + 1, age);
    for (size_t j = 0; j < i && !frame && m->pending.capacity > 0; j++)
        if (samples[j] && ids[j] == ids[i] && m->work.whose[j] < 0 &&
            (age == 0 || i - j <= age))
            frame = m->work.given[j];
    return frame;
}

/* The frame that each sample is or completes, if it is to be learned. */
static void gather(struct ff_model *m, const void *const *samples,
                   const int *classes, const struct ff_origin *origins,
                   size_t n)
{
    static const struct ff_origin nowhere = {0};
    struct ff_work *w = &m->work;
    for (size_t i = 0; i < n; i++) {
        const struct ff_origin *from = origins ? &origins[i] : &nowhere;
        void *frame = w->made + i * m->frame_bytes;
        bool alarm = false;
        w->given[i] = samples[i];
        w->whose[i] = classes[i];
        w->alarm[i] = 0;
        if (w->typicality)
            w->typicality[i] = NAN;
        if (m->front.slots.S == 0 || !samples[i])
            continue;
        bool made =
            ff_front_take(&m->front, from, samples[i], &w->whose[i], frame);
        if (made && w->typicality)
            w->typicality[i] =
                ff_front_judge(&m->front, from, frame, m->rng, &alarm);
        w->alarm[i] = alarm;
        made = made && !(from->flags & FF_SAMPLE_OBSERVE);
        w->given[i] = made ? frame : NULL;
        *m->front.windows += made;
    }
}

/* The bytes of each frame and what will become of it; compacted to those that
   are here. */
static size_t receive(struct ff_model *m, const void *const *samples,
                      const int *classes, const uint64_t *ids, size_t n)
{
    struct ff_work *w = &m->work;
    size_t here = 0;
    for (size_t i = 0; i < n; i++) {
        const void *frame = w->given[i];
        if (!samples[i] && ids)
            frame = find_late(m, samples, classes, ids, i);
        w->fate[i] = frame        ? FF_FATE_LEARNED
                     : samples[i] ? FF_FATE_GATHERED
                                  : FF_FATE_MISSED;
        w->judged[i] = w->right[i] = 0;
        if (!frame)
            continue;
        w->at[here] = i;
        w->frame[here] = frame;
        w->late[here] = samples[i] == NULL;
        w->label[here++] = w->whose[i];
    }
    return here;
}

static bool read_all(struct ff_model *m, size_t n, float range[2])
{
    for (size_t i = 0; i < n; i++) {
        float *x = ff_model_row(m, i);
        ff_model_read(m, x, m->work.frame[i]);
        if (!ff_vec_finite(x, m->D))
            return false;
        find_range(x, m->D, &range[0], &range[1]);
    }
    return true;
}

/* ---- predict --------------------------------------------------------------
 */

/* An answer for each frame, before it is learned. */
static void predict(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    for (size_t k = 0; k < m->K; k++)
        w->known[k] = m->last_seen[k] > 0;
    ff_opinion_form(&w->opinion, m, &w->pass, m->params, &m->fit, w->known,
                    false, n);
    float T = ff_opinion_temperature(&w->opinion, m->spec.temperature, &m->fit);
    for (size_t i = 0; i < n; i++)
        w->predicted[i] =
            ff_opinion_label(&w->opinion, m, T, i, &w->confidence[i]);
}

/* Whether the labelled frame of this number is kept apart. */
static bool is_spared(const struct ff_model *m, int class_, uint64_t number)
{
    uint64_t seen = m->memory.capacity > 0 ? m->memory.seen[class_] : 0;
    return m->spec.calibration > 0 &&
           ff_calibrate_spares(m->spec.seed, number, SPARED_EVERY, seen);
}

/*
 * Who is taught, and as what. A labelled frame may be held out for calibration
 * (a seeded draw). A frame without a label is learned by an objective that
 * needs none, or as what the model itself is sure of; otherwise it waits.
 */
static void sort_out(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    const struct ff_spec *s = &m->spec;
    uint64_t spared = m->tally->labelled;
    for (size_t i = 0; i < n; i++) {
        uint8_t *fate = &w->fate[w->at[i]];
        bool labelled = w->label[i] >= 0;
        w->pseudo[i] = !labelled && s->pseudo_label > 0 &&
                       w->predicted[i] >= 0 &&
                       w->confidence[i] >= s->pseudo_label;
        w->judged[w->at[i]] = labelled;
        w->right[w->at[i]] = labelled && w->predicted[i] == w->label[i];
        if (labelled && is_spared(m, w->label[i], spared++))
            *fate = FF_FATE_HELD_OUT;
        else if (!labelled && m->objective->needs_labels && !w->pseudo[i])
            *fate = FF_FATE_KEPT;
        if (w->pseudo[i])
            w->label[i] = w->predicted[i];
        /* Its layers have learned a late frame when it came, if they needed
           no label. */
        w->teach[i] = *fate == FF_FATE_LEARNED &&
                      !(w->late[i] && !m->objective->needs_labels);
    }
}

/* ---- remember -------------------------------------------------------------
 */

static void note(struct ff_model *m, size_t i)
{
    struct ff_work *w = &m->work;
    struct ff_tally *t = m->tally;
    int class_ = w->pseudo[i] ? -1 : w->label[i];
    t->pseudo += w->pseudo[i];
    t->late += w->late[i];
    ff_recents_saw(m, w->frame[i], class_, w->predicted[i], w->confidence[i]);
    if (class_ >= 0) {
        t->labelled++;
        if (m->last_seen[class_] == 0)
            ff_average_restart(m);
        m->last_seen[class_] = t->labelled;
        ff_prequential_add(&m->prequential, w->right[w->at[i]]);
    }
    if (w->fate[w->at[i]] == FF_FATE_HELD_OUT)
        ff_memory_keep(&m->spared, m->rng, w->frame[i], class_);
    else if (class_ >= 0 || !m->objective->needs_labels)
        remember(m, w->frame[i], class_);
}

/* Frames of late labels lie where they waited, so that nothing is kept before
   all is remembered. */
static void keep_waiting(struct ff_model *m, const uint64_t *ids, size_t n)
{
    struct ff_work *w = &m->work;
    for (size_t i = 0; i < n && ids; i++) {
        uint64_t id = ids[w->at[i]];
        bool labelled = w->label[i] >= 0 && !w->pseudo[i];
        if (!labelled && id != 0)
            ff_pending_keep(&m->pending, w->frame[i], id,
                            m->count->seq + w->at[i] + 1);
    }
    for (size_t i = 0; i < n && ids; i++)
        if (w->late[i])
            ff_pending_take(&m->pending, ids[w->at[i]]);
}

/* The online read-out sees what the answer saw. Where no layer learned beside
   it (late labels, if these need none), the average is told of it here. */
static void learn_readout(struct ff_model *m, size_t n, bool alone)
{
    struct ff_work *w = &m->work;
    size_t learned = 0;
    for (size_t i = 0; i < n; i++) {
        bool taught = w->fate[w->at[i]] == FF_FATE_LEARNED && w->label[i] >= 0;
        w->class_[i] = taught ? w->label[i] : -1;
        if (taught)
            w->known[w->label[i]] = 1;
        learned += taught;
    }
    ff_opinion_learn(&w->opinion, m, w->class_, w->known, n);
    if (alone && m->readout.K > 0)
        ff_average_taught(m, learned);
}

/* Test, then train: errors of frames with a label, doubt about all. */
static unsigned watch(struct ff_model *m, size_t n)
{
    struct ff_work *w = &m->work;
    unsigned alarms = 0;
    for (size_t i = 0; i < n; i++) {
        if (w->label[i] >= 0 && !w->pseudo[i])
            alarms |= ff_drift_error(&m->drift, !w->right[w->at[i]]);
        if (w->predicted[i] >= 0)
            alarms |= ff_drift_level(&m->drift, -logf(w->confidence[i]));
    }
    return alarms;
}

/* The average is of a world that is gone; whatever else is asked for. */
static void react(struct ff_model *m, unsigned alarms, size_t n)
{
    const struct ff_spec *s = &m->spec;
    struct ff_tally *t = m->tally;
    t->boosted -= t->boosted < n ? t->boosted : n;
    if (!(alarms & FF_DRIFT_ERRORS))
        return;
    ff_average_restart(m);
    if (s->drift == FF_DRIFT_BOOST)
        t->boosted = s->drift_frames;
    if (s->drift == FF_DRIFT_SLEEP && s->sleep.every > 0 &&
        m->memory.capacity > 0)
        ff_sleep_owe(m, s->sleep.exhausted);
}

static void report(const struct ff_model *m, size_t n, struct ff_learned *out)
{
    const struct ff_sleep_spec *sleep = &m->spec.sleep;
    const struct ff_work *w = &m->work;
    *out = (struct ff_learned){
        .seq = m->count->seq,
        .step = m->count->step,
        .debt = m->count->debt,
        .judged = w->judged,
        .correct = w->right,
        .typicality = w->typicality,
        .alarm = w->typicality ? w->alarm : NULL,
        .fate = w->fate,
    };
    out->drift_error = 1 - ff_prequential_newest(&m->prequential, NEWEST);
    for (size_t i = 0; i < n; i++) {
        out->labelled += w->label[i] >= 0 && !w->pseudo[i];
        out->right += w->right[w->at[i]];
    }
    out->tired = sleep->every > 0 && out->debt >= sleep->every;
    out->exhausted = sleep->every > 0 && out->debt >= sleep->exhausted;
}

static bool accepts(const struct ff_model *m, const void *const *samples,
                    size_t n)
{
    for (size_t i = 0; i < n && m->front.slots.S > 0; i++)
        if (samples[i] && !ff_front_accepts(&m->front, samples[i]))
            return false;
    return true;
}

static size_t count_missed(const struct ff_model *m, size_t n)
{
    size_t missed = 0;
    for (size_t i = 0; i < n; i++)
        missed += m->work.fate[i] == FF_FATE_MISSED;
    return missed;
}

/* Symbols are learned as they came, one by one. */
static int learn_symbols(struct ff_model *m, const void *const *samples,
                         size_t n, struct ff_learned *out)
{
    unsigned alarms;
    size_t here = ff_sequence_learn(m, samples, n, &alarms);
    m->tally->missed += count_missed(m, n);
    m->count->seq += n;
    react(m, alarms, here);
    report(m, 0, out);
    out->labelled = here;
    for (size_t i = 0; i < n; i++)
        out->right += m->work.right[i];
    out->drift = alarms;
    return 0;
}

int ff_learn(struct ff_model *m, const void *const *frames, const int *classes,
             const uint64_t *ids, size_t n, struct ff_learned *out)
{
    return ff_learn_stream(m, frames, classes, ids, NULL, n, out);
}

static void show(struct ff_model *m, const int *classes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (classes[i] >= 0)
            ff_labels_show(&m->labels, classes[i]);
}

/* It is learned: remember, and tell. Frames are counted where there are such,
   be it that several samples made one. */
static void finish(struct ff_model *m, const uint64_t *ids, size_t n,
                   size_t here, struct ff_learned *out)
{
    for (size_t i = 0; i < here; i++)
        note(m, i);
    keep_waiting(m, ids, here);
    m->tally->missed += count_missed(m, n);
    m->count->seq += n;
    unsigned alarms = watch(m, here);
    react(m, alarms, m->front.slots.S > 0 ? here : n);
    report(m, here, out);
    out->drift = alarms;
}

int ff_learn_stream(struct ff_model *m, const void *const *samples,
                    const int *classes, const uint64_t *ids,
                    const struct ff_origin *origins, size_t n,
                    struct ff_learned *out)
{
    struct ff_work *w = &m->work;
    if (!accepts(m, samples, n))
        return FF_EFINITE;
    gather(m, samples, classes, origins, n);
    if (m->front.slots.S > 0) /* windows have them from now on */
        show(m, classes, n);
    if (ff_sequence_is(&m->sequence))
        return learn_symbols(m, samples, n, out);
    float range[2] = {m->range[0], m->range[1]};
    const struct ff_rng rng = *m->rng; /* to be as it was, on an error */
    const struct ff_tally tally = *m->tally;
    size_t here = receive(m, samples, classes, ids, n);
    if (!read_all(m, here, range))
        return FF_EFINITE;
    w->pass.pairs = 0;
    size_t rows = here;
    if (m->objective->prepare && here > 0)
        rows = m->objective->prepare(m, here);
    ff_pass_forward(m, &w->pass, m->params, rows);
    predict(m, here);
    sort_out(m, here);
    uint64_t step = m->count->step;
    int status = m->objective->learn(m, here, rows);
    if (status) {
        *m->rng = rng;
        *m->tally = tally;
        return status;
    }
    learn_readout(m, here, m->count->step == step);
    memcpy(m->range, range, sizeof range);
    show(m, classes, n);
    finish(m, ids, n, here, out);
    return 0;
}

const void *ff_stream_newest(const struct ff_model *m, uint64_t stream)
{
    return m->front.slots.S > 0 ? ff_front_newest(&m->front, stream) : NULL;
}

float ff_stream_typicality(const struct ff_model *m, uint64_t stream)
{
    return m->front.slots.S > 0 ? ff_front_p(&m->front, stream) : NAN;
}

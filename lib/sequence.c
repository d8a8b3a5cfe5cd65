#include "lib/sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/model.h"
#include "lib/night.h"
#include "lib/vec.h"

#define WRITES 32 /* symbols that a dream goes on for */

void ff_sequence_carve(struct ff_sequence *s, struct ff_arena *a,
                       const struct ff_spec *spec)
{
    const struct ff_stream_spec *of = &spec->stream;
    ff_symbols_carve(&s->symbols, a, spec->classes, of->orders, of->rows,
                     of->words);
    ff_bits_carve(&s->bits, a);
    s->trace = ff_arena_take(a, 1, sizeof *s->trace);
    s->lock = ff_arena_take(a, 2, sizeof(pthread_mutex_t));
}

void ff_sequence_start(struct ff_sequence *s)
{
    for (int i = 0; i < 2; i++)
        pthread_mutex_init(&s->lock[i], NULL);
    ff_symbols_init(&s->symbols);
}

void ff_sequence_stop(struct ff_sequence *s)
{
    for (int i = 0; i < 2; i++)
        pthread_mutex_destroy(&s->lock[i]);
}

static void take(const struct ff_sequence *s)
{
    pthread_mutex_lock(&s->lock[1]);
    pthread_mutex_lock(&s->lock[0]);
    pthread_mutex_unlock(&s->lock[1]);
}

static void give(const struct ff_sequence *s)
{
    pthread_mutex_unlock(&s->lock[0]);
}

/* A frame is bytes from anywhere: what is no symbol, or is none, counts as the
   first. */
static void read_past(const struct ff_symbols *s, const uint8_t *frame,
                      uint8_t *past)
{
    for (size_t i = 0; i < FF_SYMBOLS_SEEN; i++)
        past[i] = frame[i] < s->K ? frame[i] : 0;
}

/* A letter of either case; or a byte of one in UTF-8, "\\xNN" from 80 on. */
static uint8_t letter_of(const char *name)
{
    size_t length = name ? strlen(name) : 0;
    uint8_t c = length > 0 ? (uint8_t)name[0] : 0;
    if (length == 1)
        return (c | 32) >= 'a' && (c | 32) <= 'z' ? c | 32 : 0;
    if (length != 4 || strncmp(name, "\\x", 2) != 0)
        return 0;
    c = (uint8_t)strtoul(name + 2, NULL, 16);
    return c & 0x80 ? c : 0;
}

void ff_sequence_know(struct ff_model *m, int class_)
{
    m->sequence.symbols.letter[class_] =
        letter_of(ff_labels_name(&m->labels, class_));
}

bool ff_sequence_holds(const struct ff_sequence *s)
{
    return ff_symbols_hold(&s->symbols) &&
           *s->symbols.learned <= FF_COUNT_MAX &&
           *s->bits.count <= FF_COUNT_MAX;
}

/* What never came is not written, and leaves its share to what did. False:
   nothing came yet. */
static bool leave_out(float *p, const uint8_t *live, size_t K)
{
    float all = 0;
    for (size_t k = 0; k < K; k++)
        all += p[k] = live[k] ? p[k] : 0;
    for (size_t k = 0; k < K && all > 0; k++)
        p[k] /= all;
    return all > 0;
}

/* ---- awake ----------------------------------------------------------------
 */

static void find_known(const struct ff_model *m, uint8_t *known)
{
    for (size_t k = 0; k < m->K; k++)
        known[k] = m->last_seen[k] > 0;
}

static unsigned learn_one(struct ff_model *m, size_t i)
{
    struct ff_work *w = &m->work;
    struct ff_sequence *q = &m->sequence;
    struct ff_symbol_trace *t = q->trace;
    uint8_t past[FF_SYMBOLS_SEEN];
    int class_ = w->whose[i];
    if (m->last_seen[class_] == 0)
        ff_sequence_know(m, class_);
    w->known[class_] = 1;
    read_past(&q->symbols, w->given[i], past);
    ff_symbols_answer(&q->symbols, past, 1, t);
    int best = ff_vec_argmax(t->p, w->known, m->K);
    float p = t->p[class_];
    ff_symbols_learn(&q->symbols, t, (uint8_t)class_);
    w->judged[i] = 1;
    w->right[i] = best == class_;
    ff_recents_saw(m, w->given[i], class_, best, t->p[best]);
    ff_prequential_add(&m->prequential, w->right[i]);
    ff_bits_add(&q->bits, p);
    m->last_seen[class_] = ++m->tally->labelled;
    if (m->memory.capacity > 0) {
        ff_memory_keep(&m->memory, m->rng, w->given[i], class_);
        m->count->debt += m->spec.sleep.every > 0;
    }
    return ff_drift_error(&m->drift, !w->right[i]);
}

size_t ff_sequence_learn(struct ff_model *m, const void *const *samples,
                         size_t n, unsigned *drift)
{
    struct ff_work *w = &m->work;
    size_t here = 0;
    *drift = 0;
    find_known(m, w->known);
    take(&m->sequence);
    for (size_t i = 0; i < n; i++) {
        w->judged[i] = w->right[i] = 0;
        w->fate[i] = samples[i] ? FF_FATE_GATHERED : FF_FATE_MISSED;
        if (!w->given[i] || !samples[i])
            continue;
        w->fate[i] = FF_FATE_LEARNED;
        *drift |= learn_one(m, i);
        here++;
    }
    give(&m->sequence);
    m->count->step += here > 0;
    return here;
}

/* ---- asleep ---------------------------------------------------------------
 */

/* A window that was kept, and what followed it. */
static int recall(const struct ff_model *m, struct ff_rng *g, uint8_t *past)
{
    int class_;
    const uint8_t *frame = ff_memory_draw_any(&m->memory, g, &class_);
    read_past(&m->sequence.symbols, frame, past);
    return class_;
}

static void append(uint8_t *past, uint8_t symbol)
{
    memmove(past, past + 1, FF_SYMBOLS_SEEN - 1);
    past[FF_SYMBOLS_SEEN - 1] = symbol;
}

/* Text of its own, as it comes (the most likely symbol each time would run in
   circles), pushed down as it is written. */
static void dream(struct ff_model *m, size_t n)
{
    struct ff_sequence *q = &m->sequence;
    uint8_t past[FF_SYMBOLS_SEEN];
    find_known(m, m->work.known);
    recall(m, m->rng, past);
    for (size_t i = 0; i < n; i++) {
        ff_symbols_answer(&q->symbols, past, 1, q->trace);
        leave_out(q->trace->p, m->work.known, m->K);
        uint8_t own = ff_symbols_draw(&q->symbols, q->trace->p, m->rng);
        ff_symbols_unlearn(&q->symbols, q->trace, own, m->rng);
        append(past, own);
    }
}

void ff_sequence_sleep(struct ff_model *m, struct ff_night *night)
{
    const struct ff_sleep_spec *s = &m->spec.sleep;
    struct ff_sequence *q = &m->sequence;
    uint8_t past[FF_SYMBOLS_SEEN];
    size_t owed =
        m->count->debt < m->spec.batch ? (size_t)m->count->debt : m->spec.batch;
    uint64_t left = m->count->debt - owed; /* so that fractions add up */
    size_t replays = (size_t)((double)s->replay * (double)m->count->debt) -
                     (size_t)((double)s->replay * (double)left);
    take(q);
    m->credit->dreams += (double)s->dreams * (double)owed;
    for (; night->replayed < replays; night->replayed++) {
        int class_ = recall(m, m->rng, past);
        ff_symbols_answer(&q->symbols, past, 1, q->trace);
        ff_symbols_learn(&q->symbols, q->trace, (uint8_t)class_);
    }
    while (m->credit->dreams >= WRITES) {
        dream(m, WRITES);
        m->credit->dreams -= WRITES;
        night->dreamt += WRITES;
    }
    give(q);
    m->count->debt = left;
    m->count->step += night->replayed + night->dreamt > 0;
}

/* ---- answers --------------------------------------------------------------
 */

/* What never came is no answer, and leaves its share to what did. */
static void tell(const struct ff_view *v, float *p, size_t i,
                 struct ff_answers *out)
{
    size_t K = v->model->K;
    leave_out(p, v->live, K);
    int best = ff_vec_argmax(p, v->live, K);
    float sure = best < 0 ? 0 : p[best];
    if (out->label)
        out->label[i] = best;
    if (out->confidence)
        out->confidence[i] = sure;
    if (out->novelty)
        out->novelty[i] = NAN;
    if (out->typicality)
        out->typicality[i] = NAN;
    if (out->goodness)
        out->goodness[i] = best < 0 ? 0 : logf(sure);
    for (size_t k = 0; k < K; k++) {
        if (out->scores)
            out->scores[i * K + k] = p[k];
        if (out->class_goodness)
            out->class_goodness[i * K + k] = v->live[k] ? logf(p[k]) : NAN;
    }
}

void ff_sequence_predict(const struct ff_view *v, const void *const *frames,
                         size_t n, struct ff_answers *out)
{
    const struct ff_sequence *q = &v->model->sequence;
    struct ff_symbol_trace t;
    uint8_t past[FF_SYMBOLS_SEEN];
    for (size_t i = 0; i < n; i++) {
        read_past(&q->symbols, frames[i], past);
        take(q);
        ff_symbols_answer(&q->symbols, past, 1, &t);
        give(q);
        tell(v, t.p, i, out);
    }
}

int ff_generate(const struct ff_view *v, const void *past, float temperature,
                uint64_t seed, size_t n, int *classes)
{
    const struct ff_model *m = v->model;
    const struct ff_sequence *q = &m->sequence;
    struct ff_symbol_trace t;
    struct ff_rng g;
    uint8_t own[FF_SYMBOLS_SEEN] = {0};
    if (!ff_sequence_is(q))
        return FF_ESPEC;
    if (past)
        read_past(&q->symbols, past, own);
    ff_rng_init(&g, seed);
    for (size_t i = 0; i < n; i++) {
        take(q);
        ff_symbols_answer(&q->symbols, own, temperature, &t);
        give(q);
        if (!leave_out(t.p, v->live, m->K))
            return FF_EMPTY;
        uint8_t symbol = ff_symbols_draw(&q->symbols, t.p, &g);
        classes[i] = symbol;
        append(own, symbol);
    }
    return 0;
}

void ff_symbols_frame(const int *classes, size_t n, void *frame)
{
    uint8_t *out = frame;
    for (size_t i = 0; i < FF_SYMBOLS_SEEN; i++) {
        size_t back = FF_SYMBOLS_SEEN - i;
        bool is = back <= n && classes[n - back] >= 0;
        out[i] = (uint8_t)(is ? classes[n - back] : FF_SYMBOLS_NONE);
    }
}

void ff_sequence_dream(const struct ff_model *m, struct ff_rng *g, size_t n,
                       uint8_t *frames, enum ff_dream_kind *kinds,
                       float *goodness)
{
    const struct ff_symbols *s = &m->sequence.symbols;
    struct ff_symbol_trace t;
    uint8_t known[FF_SYMBOLS_MAX];
    find_known(m, known);
    for (size_t i = 0; i < n; i++) {
        uint8_t *past = frames + i * FF_SYMBOLS_SEEN;
        recall(m, g, past);
        kinds[i] = FF_DREAM_WRITTEN;
        goodness[i] = 0;
        for (size_t j = 0; j < FF_SYMBOLS_SEEN; j++) {
            ff_symbols_answer(s, past, 1, &t);
            leave_out(t.p, known, m->K);
            uint8_t own = ff_symbols_draw(s, t.p, g);
            goodness[i] += logf(t.p[own]) / FF_SYMBOLS_SEEN;
            append(past, own);
        }
    }
}

const struct ff_objective ff_next_symbol = {.name = "sequence",
                                            .needs_labels = true,
                                            .answers = true,
                                            .rows_a_frame = 1};

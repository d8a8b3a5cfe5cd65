#include "lib/recent.h"

#include <string.h>

#include "lib/model.h"

/* ---- rings ----------------------------------------------------------------
 */

static void carve_album(struct ff_recent_album *b, struct ff_arena *a,
                        size_t frame_bytes)
{
    b->bytes = ff_arena_take(a, FF_RECENT_PICTURES, frame_bytes);
    b->frame = ff_arena_take(a, FF_RECENT_PICTURES, sizeof *b->frame);
}

void ff_recents_carve(struct ff_recents *r, struct ff_arena *a, size_t L,
                      size_t frame_bytes)
{
    for (size_t l = 0; l < L; l++)
        for (int k = 0; k < FF_RECENT_KINDS; k++)
            r->goodness[l][k].at =
                ff_arena_take(a, FF_RECENT_GOODNESS, sizeof(float));
    r->answer = ff_arena_take(a, FF_RECENT_ANSWERS, sizeof *r->answer);
    carve_album(&r->frames, a, frame_bytes);
    carve_album(&r->mistakes, a, frame_bytes);
}

static void add(struct ff_recent_ring *r, float g)
{
    r->at[r->n++ % FF_RECENT_GOODNESS] = g;
}

static size_t held(size_t n, size_t room)
{
    return n < room ? n : room;
}

/* ---- goodness --------------------------------------------------------------
 */

/* The best that a layer finds of any class that competes, but for one. */
static bool best_other(const struct ff_model *m, const float *G, int class_,
                       float *best)
{
    bool any = false;
    for (size_t k = 0; k < m->K; k++) {
        if (!m->work.live[k] || (int)k == class_ || (any && G[k] <= *best))
            continue;
        *best = G[k];
        any = true;
    }
    return any;
}

/* Classes compete: a frame's own, the best of the others, and for a dream the
   best of all. */
static void judged_by_class(struct ff_model *m, struct ff_recent_ring *rings,
                            const float *G, enum ff_role role, int class_)
{
    float best = 0;
    if (role == FF_ROLE_DREAM) {
        if (best_other(m, G, -1, &best))
            add(&rings[FF_RECENT_DREAM], best);
    } else if (role != FF_ROLE_CONFUSION && class_ >= 0) {
        add(&rings[FF_RECENT_REAL], G[class_]);
        if (best_other(m, G, class_, &best))
            add(&rings[FF_RECENT_NEGATIVE], best);
    }
}

void ff_recents_judged(struct ff_model *m, size_t l, size_t n)
{
    const struct ff_work *w = &m->work;
    const float *G = w->pass.layer[l].G;
    struct ff_recent_ring *rings = m->recent.goodness[l];
    for (size_t i = 0; i < n; i++, G += m->N) {
        if (w->role[i] == FF_ROLE_NONE)
            continue;
        if (m->N > 1)
            judged_by_class(m, rings, G, w->role[i], w->class_[i]);
        else
            add(&rings[ff_role_negative(w->role[i]) ? FF_RECENT_NEGATIVE
                                                    : FF_RECENT_REAL],
                ff_pass_goodness(m, &w->pass, l, i));
    }
}

/* ---- frames and answers ----------------------------------------------------
 */

static void keep(struct ff_recent_album *b, size_t frame_bytes,
                 const void *frame, const struct ff_recent_frame *about)
{
    size_t at = b->n++ % FF_RECENT_PICTURES;
    b->frame[at] = *about;
    b->frame[at].bytes =
        memcpy(b->bytes + at * frame_bytes, frame, frame_bytes);
}

void ff_recents_saw(struct ff_model *m, const void *frame, int label,
                    int answer, float confidence)
{
    struct ff_recents *r = &m->recent;
    const struct ff_recent_frame about = {
        .label = label, .answer = answer, .confidence = confidence};
    keep(&r->frames, m->frame_bytes, frame, &about);
    if (label < 0)
        return;
    r->answer[r->answers++ % FF_RECENT_ANSWERS] =
        (struct ff_recent_answer){.label = label, .answer = answer};
    if (answer >= 0 && answer != label)
        keep(&r->mistakes, m->frame_bytes, frame, &about);
}

/* ---- labels by hand --------------------------------------------------------
 */

static int merged(int class_, int from, int to)
{
    return class_ == from ? to : class_;
}

static void merge_album(struct ff_recent_album *b, int from, int to)
{
    for (size_t i = 0; i < held(b->n, FF_RECENT_PICTURES); i++) {
        b->frame[i].label = merged(b->frame[i].label, from, to);
        b->frame[i].answer = merged(b->frame[i].answer, from, to);
    }
}

void ff_recents_merge(struct ff_model *m, int from, int to)
{
    struct ff_recents *r = &m->recent;
    for (size_t i = 0; i < held(r->answers, FF_RECENT_ANSWERS); i++) {
        r->answer[i].label = merged(r->answer[i].label, from, to);
        r->answer[i].answer = merged(r->answer[i].answer, from, to);
    }
    merge_album(&r->frames, from, to);
    merge_album(&r->mistakes, from, to);
}

static void clear_album(struct ff_recent_album *b, size_t frame_bytes)
{
    memset(b->bytes, 0, FF_RECENT_PICTURES * frame_bytes);
    b->n = 0;
}

void ff_recents_clear(struct ff_model *m)
{
    struct ff_recents *r = &m->recent;
    for (size_t l = 0; l < m->L; l++)
        for (int k = 0; k < FF_RECENT_KINDS; k++)
            r->goodness[l][k].n = 0;
    r->answers = 0;
    clear_album(&r->frames, m->frame_bytes);
    clear_album(&r->mistakes, m->frame_bytes);
}

/* ---- to be looked at -------------------------------------------------------
 */

static size_t look_album(const struct ff_recent_album *b,
                         struct ff_recent_frame *out)
{
    size_t n = held(b->n, FF_RECENT_PICTURES);
    for (size_t i = 0; i < n; i++)
        out[i] = b->frame[(b->n - 1 - i) % FF_RECENT_PICTURES];
    return n;
}

void ff_model_recent(const struct ff_model *m, struct ff_recent *out)
{
    const struct ff_recents *r = &m->recent;
    *out = (struct ff_recent){
        .by_class = m->N > 1,
        .answer = r->answer,
        .answers = held(r->answers, FF_RECENT_ANSWERS),
        .range = {m->range[0], m->range[1]},
    };
    for (size_t l = 0; l < m->L; l++)
        for (int k = 0; k < FF_RECENT_KINDS; k++) {
            out->goodness[l][k].at = r->goodness[l][k].at;
            out->goodness[l][k].n =
                held(r->goodness[l][k].n, FF_RECENT_GOODNESS);
        }
    out->frames = look_album(&r->frames, out->frame);
    out->mistakes = look_album(&r->mistakes, out->mistake);
}

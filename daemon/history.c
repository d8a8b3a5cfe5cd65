#include "daemon/history.h"

#include <stdio.h>
#include <string.h>

#include "proto/pack.h"
#include "proto/text.h"

#define FIRST_EVERY_S 1.0

void ffd_history_init(struct ffd_history *h)
{
    memset(h, 0, sizeof(*h));
    h->every_s = FIRST_EVERY_S;
}

/* The newest stays, so the odd ones do. */
static void thin(struct ffd_history *h)
{
    for (size_t i = 1; i < h->n; i += 2)
        h->point[i / 2] = h->point[i];
    h->n /= 2;
    h->every_s *= 2;
}

/* A clock that was set back must not stop the history for as long. */
static int is_due(const struct ffd_history *h, double time)
{
    double since;

    if (h->n == 0)
        return 1;
    since = time - h->point[h->n - 1].time;
    return since >= h->every_s || since < 0;
}

void ffd_history_add(struct ffd_history *h, const struct ffd_point *p)
{
    if (!is_due(h, p->time))
        return;
    if (h->n == FFD_HISTORY_POINTS)
        thin(h);
    h->point[h->n++] = *p;
}

void ffd_history_mark(struct ffd_history *h, double time, uint64_t seq,
                      const char *kind, const char *text)
{
    struct ffd_mark_of_time *m = &h->mark[h->marks++ % FFD_HISTORY_MARKS];

    m->time = time;
    m->seq = seq;
    m->kind = kind;
    snprintf(m->text, sizeof(m->text), "%s", text);
    ffp_text_mend(m->text);
}

#define COLUMN(name, pack)                                                     \
    ffp_pack_str(b, #name);                                                    \
    ffp_pack_array(b, (h)->n);                                                 \
    for (size_t i = 0; i < (h)->n; i++)                                        \
    pack(b, (h)->point[i].name)

static void pack_number(struct ffp_buf *b, double v)
{
    if (v == v)
        ffp_pack_double(b, v);
    else
        ffp_pack_nil(b);
}

static void pack_points(const struct ffd_history *h, struct ffp_buf *b)
{
    ffp_pack_str(b, "points");
    ffp_pack_map(b, 8);
    COLUMN(time, ffp_pack_double);
    COLUMN(seq, ffp_pack_uint);
    COLUMN(accuracy, pack_number);
    COLUMN(fading, pack_number);
    COLUMN(frames_per_second, ffp_pack_double);
    COLUMN(inbox, ffp_pack_uint);
    COLUMN(debt, ffp_pack_uint);
    COLUMN(slept, ffp_pack_uint);
}

static void pack_marks(const struct ffd_history *h, struct ffp_buf *b)
{
    size_t n = h->marks < FFD_HISTORY_MARKS ? h->marks : FFD_HISTORY_MARKS;

    ffp_pack_str(b, "marks");
    ffp_pack_array(b, n);
    for (size_t i = 0; i < n; i++) {
        const struct ffd_mark_of_time *m =
            &h->mark[(h->marks - n + i) % FFD_HISTORY_MARKS];

        ffp_pack_map(b, 4);
        ffp_kv_double(b, "time", m->time);
        ffp_kv_uint(b, "seq", m->seq);
        ffp_kv_str(b, "kind", m->kind);
        ffp_kv_str(b, "text", m->text);
    }
}

void ffd_history_pack(const struct ffd_history *h, struct ffp_buf *b)
{
    ffp_pack_map(b, 3);
    ffp_kv_double(b, "every_s", h->every_s);
    pack_points(h, b);
    pack_marks(h, b);
}

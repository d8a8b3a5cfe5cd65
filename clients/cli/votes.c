#include "clients/cli/votes.h"

#include <stdlib.h>
#include <string.h>

#include "clients/cli/mem.h"

static void begin(struct votes *v)
{
    v->n = 0;
    v->summed = 0;
    v->fresh = 0;
    v->due = v->length;
}

void votes_init(struct votes *v, const struct stream_shape *s)
{
    memset(v, 0, sizeof *v);
    v->length = s->length;
    v->stride = s->stride;
    v->decimate = s->decimate;
    v->ring = must_alloc(v->length, sizeof *v->ring);
    begin(v);
}

void votes_release(struct votes *v)
{
    free(v->ring);
    v->ring = NULL;
}

/* The label of the i-th sample back. */
static int back(const struct votes *v, size_t i)
{
    return v->ring[(v->n - 1 - i) % v->length];
}

static int winner_of(const struct votes *v)
{
    size_t n = v->n < v->length ? (size_t)v->n : v->length, most = 0;
    int best = -1;
    for (size_t i = 0; i < n; i++) {
        int label = back(v, i);
        size_t count = 0;
        if (label < 0 || label == best)
            continue;
        for (size_t j = 0; j < n; j++)
            count += back(v, j) == label;
        if (count > most) {
            most = count;
            best = label;
        }
    }
    return best;
}

static void push(struct votes *v, int label)
{
    v->ring[v->n++ % v->length] = label;
    v->fresh++;
    v->due -= v->due > 0;
}

bool votes_add(struct votes *v, int label, bool end, int *winner)
{
    bool full = v->stride == 0 && v->n >= v->length;
    if (++v->summed == v->decimate) {
        v->summed = 0;
        if (!full)
            push(v, label);
    }
    bool whole = v->stride > 0 && v->due == 0;
    bool made = whole || (end && v->fresh > 0);
    if (made) {
        *winner = winner_of(v);
        v->due = v->stride;
        v->fresh = 0;
    }
    if (end)
        begin(v);
    return made;
}

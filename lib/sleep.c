/*
 * sleep.c -- one bounded slice of sleep.
 *
 * What a micro-batch holds is the objective's business; night.c fills it out
 * of memory. Real and false are taught together, unless asleep: negative_only
 * is asked for (apart, they pull the model to pieces: learning.md, section 4,
 * and PHASES.md).
 */
#include "lib/model.h"
#include "lib/night.h"

#define OWED_MAX ((uint64_t)1 << 53) /* exact in a double */

/* Only symbols are dreamt without a memory that is taught beside. */
static bool asks_for_anything(const struct ff_model *m)
{
    const struct ff_sleep_spec *s = &m->spec.sleep;
    return s->replay > 0 || (ff_sequence_is(&m->sequence) && s->dreams > 0);
}

int ff_sleep(struct ff_model *m, size_t updates, struct ff_slept *out)
{
    struct ff_counters *count = m->count;
    *out = (struct ff_slept){0};
    if (ff_memory_count(&m->memory) == 0 || !asks_for_anything(m))
        ff_sleep_forgive(m);
    while (out->updates < updates && ff_night_owes(m)) {
        struct ff_night night = {0};
        int status = 0;
        if (ff_sequence_is(&m->sequence))
            ff_sequence_sleep(m, &night);
        else
            status = m->objective->sleep(m, &night);
        if (status)
            return status;
        out->updates++;
        out->replayed += night.replayed;
        out->confused += night.confused;
        out->dreamt += night.dreamt;
        count->replayed += night.replayed;
        count->confused += night.confused;
        count->dreamt += night.dreamt;
    }
    ff_night_owes(m);
    out->step = count->step;
    out->debt = count->debt;
    return 0;
}

void ff_sleep_owe(struct ff_model *m, uint64_t frames)
{
    frames = frames < OWED_MAX ? frames : OWED_MAX;
    if (m->count->debt < frames)
        m->count->debt = frames;
}

void ff_sleep_forgive(struct ff_model *m)
{
    m->count->debt = 0;
}

#include "lib/bank.h"

#include <string.h>

#include "lib/model.h"

static float *slot(struct ff_model *m, uint64_t at)
{
    return m->bank + at % m->bank_size * m->layer[0].D;
}

static float *row(struct ff_model *m, size_t i)
{
    return m->work.pass.x + i * m->layer[0].D;
}

void ff_bank_put(struct ff_model *m, size_t i)
{
    memcpy(slot(m, m->tally->banked++), row(m, i),
           m->layer[0].D * sizeof *m->bank);
}

bool ff_bank_take(struct ff_model *m, size_t i)
{
    uint64_t made = m->tally->banked;
    if (made == 0 || m->spec.negatives != FF_NEGATIVES_BANKED)
        return false;
    if (made > m->bank_size)
        made = m->bank_size;
    memcpy(row(m, i), slot(m, m->tally->unbanked++ % made),
           m->layer[0].D * sizeof *m->bank);
    m->work.role[i] = FF_ROLE_CONFUSION;
    m->work.class_[i] = -1;
    return true;
}

void ff_bank_clear(struct ff_model *m)
{
    memset(m->bank, 0, m->bank_size * m->layer[0].D * sizeof *m->bank);
    m->tally->banked = m->tally->unbanked = 0;
    m->count->bank = 0;
}

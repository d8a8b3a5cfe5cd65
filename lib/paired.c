#include "lib/paired.h"

#include <string.h>

#include "lib/model.h"

struct ff_loss ff_paired_loss(const struct ff_spec *spec)
{
    return (struct ff_loss){.kind = spec->loss,
                            .theta = spec->theta,
                            .theta_false = spec->theta_false,
                            .temperature = spec->temperature};
}

static void alone(const struct ff_loss *loss, enum ff_role role, float G,
                  float *dG)
{
    if (role != FF_ROLE_NONE)
        ff_loss_entry(loss, G, ff_role_negative(role) ? -1.0f : 1.0f, dG);
}

/* One pair of rows at one place, or what is left of it. */
static void judge(const struct ff_loss *loss, const enum ff_role role[2],
                  const float G[2], float d[2])
{
    d[0] = d[1] = 0;
    if (role[0] != FF_ROLE_NONE && role[1] != FF_ROLE_NONE) {
        ff_loss_pair(loss, G[0], G[1], d);
        return;
    }
    for (int k = 0; k < 2; k++)
        alone(loss, role[k], G[k], &d[k]);
}

void ff_paired_gradients(struct ff_model *m, size_t l, size_t n)
{
    const struct ff_work *w = &m->work;
    struct ff_loss loss = ff_paired_loss(&m->spec);
    size_t pairs = w->pairs, S = m->layer[l].S;
    const float *G = w->pass.layer[l].G;
    float *dG = w->dG[l], share = 1 / (float)S;
    memset(dG, 0, n * S * sizeof *dG);
    for (size_t i = 0; i < pairs * S; i++) {
        size_t j = pairs * S + i;
        const enum ff_role role[] = {w->role[i / S], w->role[j / S]};
        const float pair[] = {G[i], G[j]};
        float d[2];
        judge(&loss, role, pair, d);
        dG[i] = share * d[0];
        dG[j] = share * d[1];
    }
    for (size_t i = 2 * pairs * S; i < n * S; i++)
        alone(&loss, w->role[i / S], G[i], &dG[i]);
}

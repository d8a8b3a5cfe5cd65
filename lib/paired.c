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

void ff_paired_gradients(struct ff_model *m, size_t l, size_t n)
{
    const struct ff_work *w = &m->work;
    struct ff_loss loss = ff_paired_loss(&m->spec);
    size_t pairs = w->pairs;
    const float *G = ff_pass_verdicts(m, &w->pass, l);
    float *dG = w->dG + l * w->pass.B;
    memset(dG, 0, n * sizeof *dG);
    for (size_t i = 0; i < pairs; i++) {
        size_t j = pairs + i;
        float d[2];
        if (w->role[i] == FF_ROLE_NONE || w->role[j] == FF_ROLE_NONE) {
            alone(&loss, w->role[i], G[i], &dG[i]);
            alone(&loss, w->role[j], G[j], &dG[j]);
            continue;
        }
        ff_loss_pair(&loss, G[i], G[j], d);
        dG[i] = d[0];
        dG[j] = d[1];
    }
    for (size_t i = 2 * pairs; i < n; i++)
        alone(&loss, w->role[i], G[i], &dG[i]);
}

#include "daemon/novelty.h"

bool ffd_novelty_look(struct ffd_novelty *v, float alarm,
                      const float *typicality, const int *label, size_t n,
                      uint64_t now_ms)
{
    size_t before = v->frames;

    for (size_t i = 0; i < n; i++) {
        if (!(alarm > 0 && typicality[i] <= alarm))
            continue;
        if (v->frames == 0 || typicality[i] < v->typicality) {
            v->typicality = typicality[i];
            v->label = label[i];
        }
        v->frames++;
    }
    return v->frames > before &&
           (!v->told || now_ms - v->told_ms >= FFD_NOVELTY_MS);
}

void ffd_novelty_told(struct ffd_novelty *v, uint64_t now_ms)
{
    v->frames = 0;
    v->told = true;
    v->told_ms = now_ms;
}

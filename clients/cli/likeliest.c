#include "clients/cli/likeliest.h"

#include <math.h>
#include <string.h>

size_t likeliest(const struct ffc_answers *a, size_t i, size_t out[LIKELIEST])
{
    const float *p = a->scores + i * a->classes;
    size_t n = 0;
    for (size_t k = 0; k < a->classes; k++) {
        size_t at = n;
        if (!a->class_name[k] || !(p[k] > 0))
            continue;
        while (at > 0 && p[out[at - 1]] < p[k])
            at--;
        if (at == LIKELIEST)
            continue;
        n += n < LIKELIEST;
        memmove(out + at + 1, out + at, (n - at - 1) * sizeof *out);
        out[at] = k;
    }
    return n;
}

double probability(const struct ffc_answers *a, size_t i, const char *label)
{
    for (size_t k = 0; k < a->classes; k++) {
        if (a->class_name[k] && strcmp(a->class_name[k], label) == 0)
            return (double)a->scores[i * a->classes + k];
    }
    return (double)NAN;
}

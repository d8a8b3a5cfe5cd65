#ifndef FF_FIT_H
#define FF_FIT_H

#include <stdbool.h>

#include "lib/ff.h"

struct ff_fit {
    float temperature;
};

/* Who answers, given what is fitted. */
enum ff_answer_kind ff_fit_answers_by(const struct ff_model *m,
                                      const struct ff_fit *fit);
float ff_fit_temperature(const struct ff_fit *fit);
void ff_fit_logits(const struct ff_fit *fit, const float *features, size_t n,
                   float *logits);
#endif

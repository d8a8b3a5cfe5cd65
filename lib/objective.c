#include "lib/objective.h"

const struct ff_objective *ff_objective_of(enum ff_objective_kind kind)
{
    static const struct ff_objective *const table[FF_OBJECTIVES] = {
        [FF_COMPETITIVE] = &ff_competitive,
        [FF_LABEL_OVERLAY] = &ff_label_overlay,
        [FF_LABEL_PATTERN] = &ff_label_pattern,
        [FF_TOP_DOWN] = &ff_top_down,
        [FF_HYBRID] = &ff_hybrid,
        [FF_SELF_CONTRASTIVE] = &ff_self_contrastive,
        [FF_SEQUENCE] = &ff_next_symbol,
    };
    return table[kind];
}

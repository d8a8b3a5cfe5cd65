/*
 * What may change in a running daemon, and what may not.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/keys.h"

static bool differ(const char *where, const char *key,
                   enum ffd_key_change change, char why[FFD_CONFIG_WHY_MAX])
{
    snprintf(why, FFD_CONFIG_WHY_MAX,
             "%s%s%s cannot change while ffd runs; "
             "it needs %s",
             where, *where ? "." : "", key,
             change == FFD_CHANGE_MODEL ? "a new model" : "a restart");
    return false;
}

static bool same_section(enum ffd_section section, const void *a, const void *b,
                         const char *where, char why[FFD_CONFIG_WHY_MAX])
{
    for (const struct ffd_key *k = ffd_keys(section); k->name; k++) {
        if (k->change != FFD_CHANGE_RUNTIME && !ffd_key_same(k, a, b))
            return differ(where, k->name, k->change, why);
    }
    return true;
}

static bool same_model(const struct ffd_named_model *a,
                       const struct ffd_named_model *b,
                       char why[FFD_CONFIG_WHY_MAX])
{
    char spec_why[FF_WHY_MAX];
    char where[FFP_MODEL_MAX + sizeof("models.")];

    snprintf(where, sizeof(where), "models.%s", a->name);
    if (!ff_spec_same_structure(&a->config.spec, &b->config.spec, spec_why)) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "%s.%s", where, spec_why);
        return false;
    }
    return same_section(FFD_SECTION_MODEL, &a->config, &b->config, where, why);
}

bool ffd_config_can_reload(const struct ffd_config *old,
                           const struct ffd_config *new_,
                           char why[FFD_CONFIG_WHY_MAX])
{
    if (old->listens != new_->listens)
        return differ("", "listen", FFD_CHANGE_RESTART, why);
    for (size_t i = 0; i < old->listens; i++) {
        if (strcmp(old->listen[i], new_->listen[i]) != 0)
            return differ("", "listen", FFD_CHANGE_RESTART, why);
    }
    if (strcmp(old->http, new_->http) != 0)
        return differ("", "http", FFD_CHANGE_RESTART, why);
    if (strcmp(old->state, new_->state) != 0)
        return differ("", "state", FFD_CHANGE_RESTART, why);
    if (!same_section(FFD_SECTION_TOP, old, new_, "", why) ||
        !same_section(FFD_SECTION_JOURNAL, old, new_, "journal", why))
        return false;
    if (old->n_models != new_->n_models)
        return differ("", "models", FFD_CHANGE_RESTART, why);
    for (size_t i = 0; i < old->n_models; i++) {
        const struct ffd_named_model *twin = NULL;

        for (size_t j = 0; j < new_->n_models; j++) {
            if (strcmp(old->models[i].name, new_->models[j].name) == 0)
                twin = &new_->models[j];
        }
        if (!twin)
            return differ("models", old->models[i].name, FFD_CHANGE_RESTART,
                          why);
        if (!same_model(&old->models[i], twin, why))
            return false;
    }
    return true;
}

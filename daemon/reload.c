#include "daemon/reload.h"

#include <string.h>

#include "daemon/daemon.h"
#include "daemon/model.h"

static void apply(struct ffd_daemon *d, struct ffd_config *fresh)
{
    for (size_t i = 0; i < fresh->n_models; i++) {
        const struct ffd_named_model *named = &fresh->models[i];
        struct ffd_model *m =
            ffd_model_find(d, named->name, strlen(named->name));

        if (m && m->life == FFD_LIVE)
            ffd_model_retune(m, &named->config);
    }
    ffd_config_release(&d->config);
    d->config = *fresh;
    ffd_log_set_level(d->config.log);
}

void ffd_reload(struct ffd_daemon *d)
{
    struct ffd_config fresh;
    struct ffd_keys_held keys;
    char why[FFD_CONFIG_WHY_MAX];

    ffd_notify_reloading();
    ffd_config_init(&fresh);
    if (ffd_config_load(&fresh, d->config_path, why) < 0 ||
        !ffd_config_can_reload(&d->config, &fresh, why) ||
        ffd_keys_held_load(&keys, &fresh, why) < 0) {
        ffd_log(FFD_LOG_ERROR, "the old configuration stays: %s", why);
        ffd_config_release(&fresh);
    } else {
        apply(d, &fresh);
        ffd_guard_reload(d, &keys);
        ffd_log(FFD_LOG_NOTICE, "configuration read again");
    }
    ffd_notify_ready(d);
}

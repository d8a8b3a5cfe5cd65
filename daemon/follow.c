#include "daemon/follow.h"

#include <stdio.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/model.h"
#include "daemon/shape.h"

/* ---- who may ------------------------------------------------------------ */

static bool same_input(const struct ff_spec *a, const struct ff_spec *b)
{
    struct ffd_shape x = ffd_shape_in(a), y = ffd_shape_in(b);

    return x.rank == y.rank && memcmp(x.side, y.side, sizeof(x.side)) == 0 &&
           x.dtype == y.dtype;
}

/* "[28, 28] u8" */
static void say_input(const struct ff_spec *s, char out[64])
{
    struct ffd_shape is = ffd_shape_in(s);
    size_t n = 0;

    for (size_t i = 0; i < is.rank; i++)
        n += (size_t)snprintf(out + n, 64 - n, "%s%zu", i ? ", " : "[",
                              is.side[i]);
    snprintf(out + n, 64 - n, "] %s", ffd_dtype_word(is.dtype));
}

static int check_self(const char *name, const struct ffd_model_config *config,
                      char why[FFD_CONFIG_WHY_MAX])
{
    if (strcmp(config->follows, name) != 0)
        return 0;
    snprintf(why, FFD_CONFIG_WHY_MAX, "follows: a model cannot follow itself");
    return -1;
}

static int check_pair(const char *leader, const struct ffd_model_config *l,
                      const char *follower, const struct ffd_model_config *f,
                      char why[FFD_CONFIG_WHY_MAX])
{
    char leads[64], follows[64];

    if (l->follows[0]) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "follows: %s would follow %s, which follows %s itself; "
                 "follow %s instead",
                 follower, leader, l->follows, l->follows);
        return -1;
    }
    if (same_input(&l->spec, &f->spec))
        return 0;
    say_input(&l->spec, leads);
    say_input(&f->spec, follows);
    snprintf(why, FFD_CONFIG_WHY_MAX,
             "input: %s would follow %s, which takes %s and not %s; give both "
             "the same input",
             follower, leader, leads, follows);
    return -1;
}

int ffd_follow_check(const char *name, const struct ffd_model_config *config,
                     const char *other, const struct ffd_model_config *others,
                     char why[FFD_CONFIG_WHY_MAX])
{
    if (check_self(name, config, why) < 0)
        return -1;
    if (strcmp(config->follows, other) == 0)
        return check_pair(other, others, name, config, why);
    if (strcmp(others->follows, name) == 0)
        return check_pair(name, config, other, others, why);
    return 0;
}

int ffd_follow_check_all(const struct ffd_daemon *d, const char *name,
                         const struct ffd_model_config *config,
                         char why[FFD_CONFIG_WHY_MAX])
{
    if (check_self(name, config, why) < 0)
        return -1;
    for (const struct ffd_model *m = d->models; m; m = m->next) {
        if (m->life != FFD_DROPPING && strcmp(m->name, name) != 0 &&
            ffd_follow_check(name, config, m->name, &m->config, why) < 0)
            return -1;
    }
    return 0;
}

/* ---- who does ----------------------------------------------------------- */

void ffd_follow_link(struct ffd_daemon *d)
{
    for (struct ffd_model *m = d->models; m; m = m->next)
        m->leader = m->followers = m->next_follower = NULL;
    for (struct ffd_model *m = d->models; m; m = m->next) {
        const char *name = m->config.follows;
        struct ffd_model *leader = ffd_model_find(d, name, strlen(name));

        if (!leader || m->life != FFD_LIVE || leader->life != FFD_LIVE)
            continue;
        m->leader = leader;
        m->next_follower = leader->followers;
        leader->followers = m;
    }
}

struct ffd_model *ffd_follow_fullest(struct ffd_model *m)
{
    struct ffd_model *fullest = m;

    for (struct ffd_model *f = m->followers; f; f = f->next_follower) {
        if (f->config.overload == FFD_OVERLOAD_BLOCK &&
            ffd_inbox_room(&f->inbox) < ffd_inbox_room(&fullest->inbox))
            fullest = f;
    }
    return fullest;
}

void ffd_follow_request(struct ffd_model *m, uint64_t now_ms)
{
    ffd_sleeper_request(&m->sleeper, now_ms);
    for (struct ffd_model *f = m->followers; f; f = f->next_follower)
        ffd_sleeper_request(&f->sleeper, now_ms);
}

void ffd_follow_took(struct ffd_model *m)
{
    ffd_model_account(m);
    ffd_scheduler_want(m);
    for (struct ffd_model *f = m->followers; f; f = f->next_follower) {
        ffd_model_account(f);
        ffd_scheduler_want(f);
    }
}

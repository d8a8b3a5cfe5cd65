/*
 * look.h -- what is asked about a model's directory, looked up beside the loop.
 *
 * An item on the pool reads the directory and makes the answer; the model waits
 * for it before it goes.
 */
#ifndef FFD_LOOK_H
#define FFD_LOOK_H

#include <stdint.h>
#include <uv.h>

#include "daemon/call.h"
#include "daemon/config.h"
#include "daemon/dispatch.h"
#include "daemon/version.h"

struct ffd_look {
    uv_work_t req; /* data: this */
    struct ffd_model *m;
    struct ffd_call *call; /* owned; its reply is the answer */
    char dir[FFD_PATH_MAX];
    struct ffd_version *list; /* owned; newest first */
    size_t n;
    void (*on_pool)(struct ffd_look *l);
    void (*on_home)(struct ffd_look *l); /* instead of the answer; or NULL */
    const struct ffd_version *found;     /* what is asked for, or NULL */
    char why[FFD_CONFIG_WHY_MAX];
};

/*
 * Look in the directory of the model that is asked for: on_pool is called with
 * the list and with the version that the request names (the newest if it names
 * none), which is there, or the request is refused; `versions` names none and
 * may find none. It packs a whole answer, or leaves that to on_home, on the
 * loop.
 */
void ffd_look_start(const struct ffd_ask *ask,
                    void (*on_pool)(struct ffd_look *l),
                    void (*on_home)(struct ffd_look *l));

/* The answer is an error; on the pool. */
void ffd_look_fail(struct ffd_look *l, enum ffp_code code, const char *why);

#endif

/*
 * follow.h -- champion and challengers: one stream into several models.
 *
 * A model that `follows` another, its leader, is fed by it: each frame that
 * the leader's inbox takes goes into the follower's too, with its label and in
 * the same order. Nobody else may feed it. What it cannot take, by its own
 * overload policy or because it has no class left for a label, is lost to it
 * alone and counted there; but with `overload: block` the leader's frame waits
 * until there is room in both, so that both learn the same stream. Answers are
 * the leader's: no ticket knows of followers.
 *
 * Models know their leader by name, so either may be made first, and go
 * first: a follower whose leader is not there is merely not fed. Pointers
 * between models hold from one ffd_follow_link to the next; it is called
 * whenever a model begins or ceases to be live.
 *
 * There is one level: who follows cannot be followed. So there are no cycles,
 * and a leader looks at each of its followers once.
 */
#ifndef FFD_FOLLOW_H
#define FFD_FOLLOW_H

#include <stdint.h>

#include "daemon/config.h"

struct ffd_daemon;
struct ffd_model;

/*
 * Whether a model of this name and configuration may stand beside another:
 * 0, or -1 and a sentence that begins with the key. It may itself be the
 * leader that the other waits for.
 */
int ffd_follow_check(const char *name, const struct ffd_model_config *config,
                     const char *other, const struct ffd_model_config *others,
                     char why[FFD_CONFIG_WHY_MAX]);

/* The same beside all models that there are. */
int ffd_follow_check_all(const struct ffd_daemon *d, const char *name,
                         const struct ffd_model_config *config,
                         char why[FFD_CONFIG_WHY_MAX]);

/* Who follows whom, anew. */
void ffd_follow_link(struct ffd_daemon *d);

/* The fullest of a model and those of its followers that block. */
struct ffd_model *ffd_follow_fullest(struct ffd_model *m);

/* Somebody asked a model to learn; so it did its followers. */
void ffd_follow_request(struct ffd_model *m, uint64_t now_ms);

/* Frames came in: memory and batons of a model and its followers. */
void ffd_follow_took(struct ffd_model *m);

#endif

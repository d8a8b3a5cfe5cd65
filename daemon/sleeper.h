/*
 * sleeper.h -- decides when a model sleeps; the learner decides how.
 *
 *   AWAKE  -> DROWSY  debt reaches every              [ffd_sleeper_learned]
 *   DROWSY -> ASLEEP  quiet_ms without a request      [ffd_sleeper_wait_ms]
 *                     or debt reaches exhausted       [ffd_sleeper_learned]
 *   any    -> ASLEEP  by command, while debt is owed  [ffd_sleeper_command]
 *   ASLEEP -> DROWSY  a request to learn, unless
 *                     exhausted or told to sleep      [ffd_sleeper_request]
 *                     or, after exhaustion, debt is
 *                     down to exhausted - every       [ffd_sleeper_slept]
 *                     or all that was told is slept   [ffd_sleeper_slept]
 *   ASLEEP -> AWAKE   debt is paid                    [ffd_sleeper_slept]
 *   any    -> AWAKE   by command: debt is forgiven    [ffd_sleeper_wake]
 *
 * Sleep by command goes on until all that was told is slept, however much that
 * is; frames that come meanwhile are learned between its slices, as far as
 * exhaustion allows.
 *
 * Whoever learns asks ffd_sleeper_may_learn first, so that debt never passes
 * exhausted: with every == exhausted the period is exact, whatever the speed
 * of the stream. Questions are none of its business: they are answered from
 * published views and neither disturb nor delay sleep.
 *
 * Sleep comes in slices (ff_sleep), so no frame waits out a whole night that
 * may be interrupted. Time is an argument, never read here; a test lives a
 * week in a blink.
 */
#ifndef FFD_SLEEPER_H
#define FFD_SLEEPER_H

#include <stdbool.h>
#include <stdint.h>

#define FFD_NEVER UINT64_MAX

enum ffd_sleep_state { FFD_AWAKE, FFD_DROWSY, FFD_ASLEEP };

struct ffd_sleeper {
    uint64_t every; /* frames owed at which it is tired; 0: only by
                       command */
    uint64_t
        exhausted;     /* frames owed at which it sleeps regardless; >= every */
    uint64_t quiet_ms; /* without a request, before it sleeps */
    enum ffd_sleep_state state;
    bool deep;                /* asleep from exhaustion: not interruptible */
    uint64_t debt;            /* frames owed to sleep */
    uint64_t told;            /* of them, by command and not yet slept on */
    uint64_t last_request_ms; /* monotonic */
};

/* every and exhausted as in sleep.every, sleep.exhausted. */
void ffd_sleeper_init(struct ffd_sleeper *s, uint64_t every, uint64_t exhausted,
                      uint64_t quiet_ms, uint64_t now_ms);

/* New numbers while it runs; takes effect with the next event. */
void ffd_sleeper_tune(struct ffd_sleeper *s, uint64_t every, uint64_t exhausted,
                      uint64_t quiet_ms);

/* Somebody asked to learn. */
void ffd_sleeper_request(struct ffd_sleeper *s, uint64_t now_ms);

/* Frames were learned; debt is what the learner says. */
void ffd_sleeper_learned(struct ffd_sleeper *s, uint64_t debt);

/* A slice was slept; debt is what the learner says. */
void ffd_sleeper_slept(struct ffd_sleeper *s, uint64_t debt);

/* Sleep now; debt is what is owed after the command. */
void ffd_sleeper_command(struct ffd_sleeper *s, uint64_t debt);

/* Stop sleeping; the caller forgives the debt in the learner too. */
void ffd_sleeper_wake(struct ffd_sleeper *s, uint64_t now_ms);

/* 0: sleep one slice now. Otherwise ask again after so many ms, or NEVER. */
uint64_t ffd_sleeper_wait_ms(struct ffd_sleeper *s, uint64_t now_ms);

/* How many frames may be learned before it must sleep. */
uint64_t ffd_sleeper_may_learn(const struct ffd_sleeper *s);

/* "awake", "drowsy", "asleep"; static. */
const char *ffd_sleep_state_name(enum ffd_sleep_state state);

#endif

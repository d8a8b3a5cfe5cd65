#include "daemon/sleeper.h"

static bool exhausted(const struct ffd_sleeper *s)
{
    return s->every && s->debt >= s->exhausted;
}

/* The state of one who is not asleep. */
static void rise(struct ffd_sleeper *s)
{
    bool tired = s->every && s->debt >= s->every;

    s->state = tired ? FFD_DROWSY : FFD_AWAKE;
    s->deep = false;
}

static void fall_asleep(struct ffd_sleeper *s)
{
    s->state = FFD_ASLEEP;
    s->deep = exhausted(s);
}

void ffd_sleeper_init(struct ffd_sleeper *s, uint64_t every,
                      uint64_t exhausted_at, uint64_t quiet_ms, uint64_t now_ms)
{
    *s = (struct ffd_sleeper){.state = FFD_AWAKE, .last_request_ms = now_ms};
    ffd_sleeper_tune(s, every, exhausted_at, quiet_ms);
}

void ffd_sleeper_tune(struct ffd_sleeper *s, uint64_t every,
                      uint64_t exhausted_at, uint64_t quiet_ms)
{
    s->every = every;
    s->exhausted = exhausted_at > every ? exhausted_at : every;
    s->quiet_ms = quiet_ms;
}

void ffd_sleeper_request(struct ffd_sleeper *s, uint64_t now_ms)
{
    s->last_request_ms = now_ms;
    if (s->state != FFD_ASLEEP || s->deep || s->told > 0)
        return;
    if (exhausted(s))
        s->deep = true;
    else
        /* Drowsy whatever is owed, so that an interrupted night goes on in
           the next quiet. */
        s->state = FFD_DROWSY;
}

void ffd_sleeper_learned(struct ffd_sleeper *s, uint64_t debt)
{
    s->debt = debt;
    if (exhausted(s))
        fall_asleep(s);
    else if (s->state == FFD_AWAKE)
        rise(s);
}

void ffd_sleeper_slept(struct ffd_sleeper *s, uint64_t debt)
{
    uint64_t paid = s->debt > debt ? s->debt - debt : 0;
    bool bound = s->deep || s->told > 0;

    s->debt = debt;
    s->told = debt > 0 && s->told > paid ? s->told - paid : 0;
    if (debt <= s->exhausted - s->every)
        s->deep = false;
    if (s->deep || s->told > 0)
        return;
    if (bound || debt == 0)
        rise(s);
}

void ffd_sleeper_command(struct ffd_sleeper *s, uint64_t debt)
{
    s->debt = s->told = debt;
    if (debt > 0)
        fall_asleep(s);
    else
        rise(s);
}

void ffd_sleeper_wake(struct ffd_sleeper *s, uint64_t now_ms)
{
    s->debt = s->told = 0;
    s->last_request_ms = now_ms;
    rise(s);
}

uint64_t ffd_sleeper_wait_ms(struct ffd_sleeper *s, uint64_t now_ms)
{
    if (s->state == FFD_DROWSY) {
        uint64_t quiet =
            now_ms > s->last_request_ms ? now_ms - s->last_request_ms : 0;

        if (quiet < s->quiet_ms)
            return s->quiet_ms - quiet;
        fall_asleep(s);
    }
    return s->state == FFD_ASLEEP ? 0 : FFD_NEVER;
}

uint64_t ffd_sleeper_may_learn(const struct ffd_sleeper *s)
{
    if (!s->every)
        return FFD_NEVER;
    if (s->deep || s->debt >= s->exhausted)
        return 0;
    return s->exhausted - s->debt;
}

const char *ffd_sleep_state_name(enum ffd_sleep_state state)
{
    switch (state) {
    case FFD_AWAKE:
        return "awake";
    case FFD_DROWSY:
        return "drowsy";
    case FFD_ASLEEP:
        return "asleep";
    }
    return "unknown";
}

/* What systemd is told, as far as it is decided without systemd. */
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/model.h"
#include "tests/daemon/support.h"

#define LIMIT_US ((uint64_t)1000 * 1000)

/* A daemon that has two models, "a" and "b", and nothing else. */
struct pair {
    struct ffd_daemon d;
    struct ffd_model a, b;
};

static struct pair *pair_new(void)
{
    struct pair *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    memcpy(p->a.name, "a", 2);
    memcpy(p->b.name, "b", 2);
    p->a.home = p->b.home = true;
    p->a.next = &p->b;
    p->d.models = &p->a;
    p->d.n_models = 2;
    return p;
}

void learner_at_home_is_never_stuck(void **state)
{
    struct pair *p = pair_new();

    (void)state; /* what it last did began when the machine did */
    assert_null(ffd_scheduler_stuck(&p->d, LIMIT_US));
    free(p);
}

void learner_at_work_in_time_is_not_stuck(void **state)
{
    struct pair *p = pair_new();

    (void)state;
    p->b.home = false;
    p->b.work.began_us = ffd_now_us();
    assert_null(ffd_scheduler_stuck(&p->d, UINT64_MAX / 2));
    free(p);
}

void learner_at_one_piece_of_work_for_too_long_is_stuck(void **state)
{
    struct pair *p = pair_new();

    (void)state;
    p->b.home = false;
    p->b.work.began_us = ffd_now_us() - LIMIT_US - 1;
    assert_ptr_equal(ffd_scheduler_stuck(&p->d, LIMIT_US), &p->b);
    free(p);
}

void status_counts_models_and_sleepers(void **state)
{
    struct pair *p = pair_new();
    char text[FFD_NOTIFY_TEXT_MAX];

    (void)state;
    ffd_notify_status(&p->d, text);
    assert_string_equal(text, "Serving 2 models");
    p->b.sleeper.state = FFD_ASLEEP;
    ffd_notify_status(&p->d, text);
    assert_string_equal(text, "Serving 2 models, 1 asleep");
    p->d.models = &p->b;
    p->d.n_models = 1;
    ffd_notify_status(&p->d, text);
    assert_string_equal(text, "Serving 1 model, 1 asleep");
    free(p);
}

void status_tells_what_is_out_of_the_ordinary_until_it_ends(void **state)
{
    struct pair *p = pair_new();
    char text[FFD_NOTIFY_TEXT_MAX], longer[2 * FFD_NOTIFY_TEXT_MAX];

    (void)state;
    ffd_notify_say(&p->d, "No space left: not learning");
    ffd_notify_status(&p->d, text);
    assert_string_equal(text, "Serving 2 models; No space left: not learning");
    ffd_notify_say(&p->d, "");
    ffd_notify_status(&p->d, text);
    assert_string_equal(text, "Serving 2 models");
    memset(longer, 'x', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    ffd_notify_say(&p->d, longer);
    ffd_notify_status(&p->d, text);
    assert_true(strlen(text) < sizeof(text));
    free(p);
}

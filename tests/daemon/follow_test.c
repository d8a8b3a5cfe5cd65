#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/follow.h"
#include "daemon/model.h"
#include "tests/daemon/support.h"

static struct ffd_model_config of(const char *follows, size_t length)
{
    struct ffd_model_config m;

    ffd_model_config_init(&m);
    m.spec.shape[0] = length;
    m.spec.shape[1] = m.spec.shape[2] = 1;
    m.spec.image = false;
    m.spec.dtype = FF_U8;
    snprintf(m.follows, sizeof(m.follows), "%s", follows);
    return m;
}

/* That a (as configured) may not stand beside b, whoever comes second. */
static void parted(struct ffd_model_config a, struct ffd_model_config b,
                   const char *sentence)
{
    char why[FFD_CONFIG_WHY_MAX];

    assert_int_equal(ffd_follow_check("a", &a, "b", &b, why), -1);
    assert_string_equal(why, sentence);
    assert_int_equal(ffd_follow_check("b", &b, "a", &a, why), -1);
    assert_string_equal(why, sentence);
}

static void beside(struct ffd_model_config a, struct ffd_model_config b)
{
    char why[FFD_CONFIG_WHY_MAX];

    assert_int_equal(ffd_follow_check("a", &a, "b", &b, why), 0);
    assert_int_equal(ffd_follow_check("b", &b, "a", &a, why), 0);
}

void follower_has_the_input_of_its_leader(void **state)
{
    struct ffd_model_config image = of("b", 4), real = of("b", 4);

    (void)state;
    beside(of("b", 4), of("", 4));
    beside(of("", 4), of("", 5));
    beside(of("c", 4), of("", 5));
    parted(of("b", 4), of("", 5),
           "input: a would follow b, which takes [5] u8 and not [4] u8; give "
           "both the same input");
    image.spec.image = true;
    parted(image, of("", 4),
           "input: a would follow b, which takes [4] u8 and not [4, 1] u8; "
           "give both the same input");
    real.spec.dtype = FF_F32;
    parted(real, of("", 4),
           "input: a would follow b, which takes [4] u8 and not [4] f32; give "
           "both the same input");
}

void follower_cannot_be_followed(void **state)
{
    (void)state;
    parted(of("b", 4), of("c", 4),
           "follows: a would follow b, which follows c itself; follow c "
           "instead");
    beside(of("c", 4), of("c", 4));
}

void follower_cannot_follow_itself(void **state)
{
    struct ffd_model_config a = of("a", 4), b = of("", 4);
    char why[FFD_CONFIG_WHY_MAX];
    struct ffd_daemon *d = calloc(1, sizeof(*d));

    (void)state;
    assert_non_null(d);
    assert_int_equal(ffd_follow_check("a", &a, "b", &b, why), -1);
    assert_string_equal(why, "follows: a model cannot follow itself");
    assert_int_equal(ffd_follow_check_all(d, "a", &a, why), -1);
    assert_int_equal(ffd_follow_check_all(d, "b", &b, why), 0);
    free(d);
}

void two_cannot_follow_each_other(void **state)
{
    struct ffd_model_config a = of("b", 4), b = of("a", 4);
    char why[FFD_CONFIG_WHY_MAX];

    (void)state;
    assert_int_equal(ffd_follow_check("a", &a, "b", &b, why), -1);
    assert_string_equal(why, "follows: a would follow b, which follows a "
                             "itself; follow a instead");
}

static struct ffd_model *add(struct ffd_daemon *d, const char *name,
                             const char *follows)
{
    struct ffd_model_config config = of(follows, 4);
    struct ffd_model *m = ffd_model_new(d, name, &config);

    assert_non_null(m);
    m->life = FFD_LIVE;
    ffd_follow_link(d);
    return m;
}

void leader_and_followers_find_each_other_in_any_order(void **state)
{
    struct ffd_daemon *d = calloc(1, sizeof(*d));
    struct ffd_model *first, *second, *leader;

    (void)state;
    assert_non_null(d);
    first = add(d, "a", "m");
    assert_null(first->leader);
    leader = add(d, "m", "");
    second = add(d, "z", "m");
    assert_ptr_equal(first->leader, leader);
    assert_ptr_equal(second->leader, leader);
    assert_true(leader->followers == first || leader->followers == second);
    assert_non_null(leader->followers->next_follower);
    assert_null(leader->followers->next_follower->next_follower);
    ffd_model_leave(second, "it goes");
    assert_ptr_equal(leader->followers, first);
    assert_null(first->next_follower);
    ffd_model_free(leader);
    assert_null(first->leader);
    while (d->models)
        ffd_model_free(d->models);
    free(d);
}

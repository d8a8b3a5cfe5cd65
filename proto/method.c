#include "proto/method.h"

#include <string.h>

/* clang-format off: lists, which it takes for blocks */
#define FFP_P0                                                                 \
    0,                                                                         \
    {                                                                          \
        0                                                                      \
    }
#define FFP_P1(a)                                                              \
    1,                                                                         \
    {                                                                          \
        FFP_P_##a                                                              \
    }
#define FFP_P2(a, b)                                                           \
    2,                                                                         \
    {                                                                          \
        FFP_P_##a, FFP_P_##b                                                   \
    }
#define FFP_P3(a, b, c)                                                        \
    3,                                                                         \
    {                                                                          \
        FFP_P_##a, FFP_P_##b, FFP_P_##c                                        \
    }
#define FFP_P4(a, b, c, d)                                                     \
    4,                                                                         \
    {                                                                          \
        FFP_P_##a, FFP_P_##b, FFP_P_##c, FFP_P_##d                             \
    }
/* clang-format on */
#define FFP_O0                      0
#define FFP_O1(a)                   1u << FFP_O_##a
#define FFP_O2(a, b)                (1u << FFP_O_##a | 1u << FFP_O_##b)
#define FFP_O3(a, b, c)             (FFP_O2(a, b) | 1u << FFP_O_##c)
#define FFP_O4(a, b, c, d)          (FFP_O2(a, b) | FFP_O2(c, d))
#define FFP_O7(a, b, c, d, e, f, g) (FFP_O4(a, b, c, d) | FFP_O3(e, f, g))

const struct ffp_param_info ffp_param_table[FFP_PARAMS] = {
#define FFP_PARAM(KIND, name, optional, type, help)                            \
    {name, optional, type, help},
#include "proto/methods.def"
};

const struct ffp_option_info ffp_option_table[FFP_OPTIONS] = {
#define FFP_OPTION(KEY, name, type, help) {name, type, help},
#include "proto/methods.def"
};

const struct ffp_method_info ffp_method_table[FFP_METHODS] = {
#define FFP_METHOD(name, since, role, notify, params, options, result, help)   \
    {#name, since, FFP_ROLE_##role, params, options, notify, result, help},
#include "proto/methods.def"
};

static const char *const roles[FFP_ROLES] = {"none", "query", "feed", "admin"};

const char *ffp_role_name(enum ffp_role role)
{
    return roles[role];
}

enum ffp_role ffp_role_find(const char *name, size_t n)
{
    unsigned i = 0;

    while (i < FFP_ROLES &&
           (strlen(roles[i]) != n || memcmp(roles[i], name, n) != 0))
        i++;
    return (enum ffp_role)i;
}

enum ffp_method ffp_method_find(const char *name, size_t n)
{
    for (unsigned i = 0; i < FFP_METHODS; i++) {
        const char *is = ffp_method_table[i].name;

        if (strlen(is) == n && memcmp(is, name, n) == 0)
            return (enum ffp_method)i;
    }
    return FFP_METHODS;
}

size_t ffp_method_required(const struct ffp_method_info *m)
{
    size_t n = m->params;

    while (n > 0 && ffp_param_table[m->param[n - 1]].optional)
        n--;
    return n;
}

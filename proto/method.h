/*
 * method.h -- the table of methods, as C sees methods.def.
 */
#ifndef FFP_METHOD_H
#define FFP_METHOD_H

#include <stdbool.h>
#include <stddef.h>

#define FFP_PARAMS_MAX 4 /* positional parameters of a method */

/* Rights, each with all those before it. NONE: before authentication. */
enum ffp_role {
    FFP_ROLE_NONE,
    FFP_ROLE_QUERY,
    FFP_ROLE_FEED,
    FFP_ROLE_ADMIN,
    FFP_ROLES
};

enum ffp_param {
#define FFP_PARAM(KIND, name, optional, type, help) FFP_P_##KIND,
#include "proto/methods.def"
    FFP_PARAMS
};

enum ffp_option {
#define FFP_OPTION(KEY, name, type, help) FFP_O_##KEY,
#include "proto/methods.def"
    FFP_OPTIONS
};

enum ffp_method {
#define FFP_METHOD(name, since, role, notify, params, options, result, help)   \
    FFP_M_##name,
#include "proto/methods.def"
    FFP_METHODS /* how many; also "no such method" */
};

struct ffp_param_info {
    const char *name;
    bool optional;
    const char *type, *help;
};

struct ffp_option_info {
    const char *name, *type, *help;
};

struct ffp_method_info {
    const char *name;
    int since;
    enum ffp_role role;
    size_t params; /* how many */
    enum ffp_param param[FFP_PARAMS_MAX];
    unsigned options; /* bits 1u << FFP_O_... */
    bool notify;      /* may also come as a notification */
    const char *result, *help;
};

extern const struct ffp_param_info ffp_param_table[FFP_PARAMS];
extern const struct ffp_option_info ffp_option_table[FFP_OPTIONS];
extern const struct ffp_method_info ffp_method_table[FFP_METHODS];

/* "none", "query", "feed", "admin". */
const char *ffp_role_name(enum ffp_role role);

/* The role of that name, or FFP_ROLES. */
enum ffp_role ffp_role_find(const char *name, size_t n);

/* The method of that name, or FFP_METHODS. */
enum ffp_method ffp_method_find(const char *name, size_t n);

/* Parameters that may not be left out. */
size_t ffp_method_required(const struct ffp_method_info *m);

#endif

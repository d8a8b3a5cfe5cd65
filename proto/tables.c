/*
 * The tables of the protocol as parts of its manual page, in scdoc's language:
 *
 *     ffp_tables methods|parameters|options|topics|errors|limits
 *
 * It is run while the pages are built (scripts/man) and is not installed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/error.h"
#include "proto/event.h"
#include "proto/limits.h"
#include "proto/method.h"

/* Text that must appear as it is. */
static void put(const char *text)
{
    for (; *text; text++) {
        if (strchr("\\*_`[]|#", *text))
            putchar('\\');
        putchar(*text);
    }
}

/* A term, and under it a line that put() or its like will fill. */
static void term(const char *name, const char *type)
{
    printf("*");
    put(name);
    printf("*");
    if (type) {
        printf(": ");
        put(type);
    }
    printf("\n\t");
}

static void methods(void)
{
    for (size_t i = 0; i < FFP_METHODS; i++) {
        const struct ffp_method_info *m = &ffp_method_table[i];
        bool any = false;

        printf("*");
        put(m->name);
        printf("*");
        for (size_t k = 0; k < m->params; k++) {
            const struct ffp_param_info *p = &ffp_param_table[m->param[k]];

            printf(p->optional ? " \\[_%s_\\]" : " _%s_", p->name);
        }
        printf("\n\t");
        put(m->help);
        printf(" Role: %s.%s", ffp_role_name(m->role),
               m->notify ? " May also come as a notification." : "");
        for (size_t k = 0; k < FFP_OPTIONS; k++) {
            if (!(m->options & 1U << k))
                continue;
            printf(any ? ", *%s*" : " Options: *%s*", ffp_option_table[k].name);
            any = true;
        }
        printf(any ? ".\n\n\tAnswer: " : "\n\n\tAnswer: ");
        put(m->result);
        printf("\n\n");
    }
}

static void parameters(void)
{
    for (size_t i = 0; i < FFP_PARAMS; i++) {
        term(ffp_param_table[i].name, ffp_param_table[i].type);
        put(ffp_param_table[i].help);
        printf("\n\n");
    }
}

static void options(void)
{
    for (size_t i = 0; i < FFP_OPTIONS; i++) {
        term(ffp_option_table[i].name, ffp_option_table[i].type);
        put(ffp_option_table[i].help);
        printf("\n\n");
    }
}

static void topics(void)
{
    for (size_t i = 0; i < FFP_TOPICS; i++) {
        term(ffp_topic_table[i].name, NULL);
        put(ffp_topic_table[i].help);
        printf("\n\n\t");
        put(ffp_topic_table[i].payload);
        printf("\n\n");
    }
}

static void errors(void)
{
    for (unsigned i = 0; i < FFP_CODES; i++) {
        term(ffp_code_name((enum ffp_code)i), NULL);
        put(ffp_code_help((enum ffp_code)i));
        printf("\n\n");
    }
}

static void limit(const char *name, long value, const char *help)
{
    printf("*");
    put(name);
    printf("*: %ld\n\t", value);
    put(help);
    printf("\n\n");
}

static void limits(void)
{
#define FFP_LIMIT(NAME, name, value, help) limit(#name, value, help);
#include "proto/limits.def"
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } parts[] = {{"methods", methods}, {"parameters", parameters},
                 {"options", options}, {"topics", topics},
                 {"errors", errors},   {"limits", limits}};

    for (size_t i = 0; argc == 2 && i < sizeof(parts) / sizeof(*parts); i++) {
        if (strcmp(argv[1], parts[i].name) != 0)
            continue;
        parts[i].print();
        return fflush(stdout) == EOF ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    fputs("usage: ffp_tables methods|parameters|options|topics|errors|limits\n",
          stderr);
    return 2;
}

/*
 * args.h -- the words of a command line, one after another.
 *
 *     while ((word = args_next(&a)))
 *         if (args_is(&a, "--limit")) limit = args_size(&a, 0);
 *         else args_unknown(&a);
 *     if (a.why[0]) usage error
 *
 * --name=value and --name value mean the same. The first mistake ends the
 * words and leaves its sentence in why, so that a verb looks once, at the end.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/cli/bytes.h"
#include "clients/cli/input.h"

struct args {
    char **words; /* borrowed, NULL at the end */
    const char *word;
    const char *inlined; /* value behind '=', not taken yet; or NULL */
    char name[64];       /* word without its value */
    char why[WHY_MAX];
};

void args_init(struct args *a, char **words);

/* The next word, or NULL at the end or after a mistake. */
const char *args_next(struct args *a);

/* The next word whatever it looks like, as behind `--`. */
const char *args_raw(struct args *a);

/* Whether the current word is this option. */
bool args_is(const struct args *a, const char *option);

/* Values of the current option; "" or the lowest after a mistake. */
const char *args_text(struct args *a);
size_t args_size(struct args *a, size_t lowest);
double args_positive(struct args *a);
double args_fraction(struct args *a); /* 0 to 1 */

/* One more value if the next word is not an option; else NULL. */
const char *args_more(struct args *a);

/* Take the current word if it belongs to the inputs. */
bool args_input(struct args *a, struct input_options *o);

void args_fail(struct args *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void args_unknown(struct args *a);

#endif

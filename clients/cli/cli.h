/*
 * cli.h -- what every verb of ffctl has in common: the connection, the way
 * results and mistakes are told, exit codes.
 *
 * A verb is one file with one function. It reads its words, connects, acts,
 * prints, and returns an exit code. Results go to standard output, everything
 * else to standard error; with --json nothing but one JSON value (or one a
 * line) is on standard output.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "clients/c/ffclient.h"
#include "clients/cli/args.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1,    /* the daemon said no, or memory ran out */
    EXIT_USAGE = 2,      /* the command line makes no sense */
    EXIT_CONNECTION = 3, /* nobody there, or the connection broke */
    EXIT_INPUT = 4,      /* a file cannot be read or written */
    EXIT_INTERRUPTED = 130
};

struct cli {
    struct ffc_options options; /* how to connect; all borrowed */
    bool json;
    const struct verb *verb;
    struct ffc *c;     /* owned; NULL before cli_connect */
    const char *model; /* borrowed; of verbs that take one */
};

struct verb {
    const char *name, *usage, *help;
    const char *more; /* further lines of help, or NULL */
    int (*run)(struct cli *cli, struct args *a);
};

/* Ended by a verb without a name. */
extern const struct verb cli_verbs[];

/* What options the inputs share, for the help of verbs that take them. */
extern const char cli_input_help[];

/* Set by the first Ctrl-C after cli_catch; a second one ends ffctl at once. */
extern volatile sig_atomic_t cli_interrupted;
void cli_catch(void);

/* Run ffctl with the words after its own name; an exit code. */
int cli_main(char **words);

/* Take the options of every verb (-s, --json). */
bool cli_common(struct cli *cli, struct args *a);

/* The first word must be the model. Then words are read until none is left,
   if the verb takes no options of its own. EXIT_DONE or EXIT_USAGE. */
int cli_model(struct cli *cli, struct args *a);
int cli_no_more(struct cli *cli, struct args *a);

/* Of a verb that takes a model and nothing else: read that, and connect.
   EXIT_DONE or an exit code, and the sentence is told. */
int cli_only_model(struct cli *cli, struct args *a);

/* Tell a->why; EXIT_USAGE. */
int cli_usage(const struct cli *cli, const struct args *a);

/* EXIT_DONE, or the sentence told and an exit code. */
int cli_connect(struct cli *cli);

/* Tell the last error of the connection; its exit code. */
int cli_failed(const struct cli *cli, int status);

/* Tell a sentence; returns code. */
int cli_say(int code, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Print a reply (moved): JSON, or lines of key and value; NULL prints
   nothing. EXIT_DONE. */
int cli_show(const struct cli *cli, struct ffc_reply *reply);
void cli_print_value(const struct ffc_value *v, int indent);
void cli_print_pair(const struct ffc_value *map, size_t i, int indent);
void cli_print_scalar(const struct ffc_value *v);

/* Print JSON (moved) as one line. */
void cli_print_json(json_t *j);

/* A number that may be NaN: then null. */
json_t *cli_real(double v);

int verb_ping(struct cli *cli, struct args *a);
int verb_hello(struct cli *cli, struct args *a);
int verb_models(struct cli *cli, struct args *a);
int verb_status(struct cli *cli, struct args *a);
int verb_stats(struct cli *cli, struct args *a);
int verb_create(struct cli *cli, struct args *a);
int verb_drop(struct cli *cli, struct args *a);
int verb_labels(struct cli *cli, struct args *a);
int verb_rename(struct cli *cli, struct args *a);
int verb_merge(struct cli *cli, struct args *a);
int verb_forget(struct cli *cli, struct args *a);
int verb_feed(struct cli *cli, struct args *a);
int verb_eval(struct cli *cli, struct args *a);
int verb_predict(struct cli *cli, struct args *a);
int verb_sleep(struct cli *cli, struct args *a);
int verb_wake(struct cli *cli, struct args *a);
int verb_dreams(struct cli *cli, struct args *a);
int verb_generate(struct cli *cli, struct args *a);
int verb_save(struct cli *cli, struct args *a);
int verb_versions(struct cli *cli, struct args *a);
int verb_rollback(struct cli *cli, struct args *a);
int verb_delete_version(struct cli *cli, struct args *a);
int verb_export(struct cli *cli, struct args *a);
int verb_import(struct cli *cli, struct args *a);
int verb_top(struct cli *cli, struct args *a);
int verb_compare(struct cli *cli, struct args *a);
int verb_events(struct cli *cli, struct args *a);

#endif

/*
 * events: what the daemon tells, a line each, as it happens.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clients/cli/cli.h"
#include "clients/cli/screen.h"

#define TOPICS_MAX 32
#define LOOK_MS    1000 /* a Ctrl-C in the wrong moment waits so long */

struct events {
    const char *topic[TOPICS_MAX]; /* borrowed, or of name */
    char name[TOPICS_MAX][FFC_TOPIC_MAX];
    size_t n;
    size_t limit; /* 0: none */
};

/* All that the daemon has, but stats, which come whatever happens. */
static int all_topics(struct cli *cli, struct events *e)
{
    struct ffc_reply *reply;
    int rc = ffc_call(cli->c, "api_info", "\x90", 1, &reply);
    if (rc < 0)
        return cli_failed(cli, rc);
    const struct ffc_value *topics =
        ffc_value_get(ffc_reply_value(reply), "topics");
    for (size_t i = 0; i < ffc_value_count(topics) && e->n < TOPICS_MAX; i++) {
        size_t n;
        const struct ffc_value *name =
            ffc_value_get(ffc_value_at(topics, i), "name");
        const char *text = ffc_value_bytes(name, &n);
        if (!text || n >= FFC_TOPIC_MAX || ffc_value_is(name, "stats"))
            continue;
        snprintf(e->name[e->n], FFC_TOPIC_MAX, "%.*s", (int)n, text);
        e->topic[e->n] = e->name[e->n];
        e->n++;
    }
    ffc_reply_free(reply);
    return EXIT_DONE;
}

/* 12:34:56 sleep    digits  state asleep  debt 512 */
static void print_line(const struct ffc_event *event)
{
    time_t now = time(NULL);
    struct tm local;
    char clock[16] = "";
    if (localtime_r(&now, &local))
        (void)strftime(clock, sizeof clock, "%H:%M:%S", &local);
    bool alarm = strcmp(event->topic, "drift") == 0 ||
                 strcmp(event->topic, "novelty") == 0 ||
                 strcmp(event->topic, "anomaly") == 0;
    const char *colour = alarm ? "\033[33m" : "\033[36m";
    bool colours = screen_has_colours();
    printf("%s %s%-8s%s", clock, colours ? colour : "", event->topic,
           colours ? "\033[0m" : "");
    for (size_t i = 0; i < ffc_value_count(event->payload); i++) {
        const struct ffc_value *key = ffc_value_key(event->payload, i);
        printf(i ? "  " : " ");
        if (!ffc_value_is(key, "model")) {
            cli_print_scalar(key);
            putchar(' ');
        }
        cli_print_scalar(ffc_value_at(event->payload, i));
    }
    putchar('\n');
}

static int print_json(const struct ffc_event *event)
{
    char *payload = ffc_value_json(event->payload);
    if (!payload)
        return cli_say(EXIT_REFUSED, "out of memory");
    printf("{\"topic\":\"%s\",\"payload\":%s}\n", event->topic, payload);
    ffc_text_free(payload);
    return EXIT_DONE;
}

static int print(const struct cli *cli, const struct ffc_event *event)
{
    int code = EXIT_DONE;
    if (cli->json)
        code = print_json(event);
    else
        print_line(event);
    (void)fflush(stdout); /* somebody reads along */
    return code;
}

static int events(struct cli *cli, struct events *e)
{
    int code = e->n ? EXIT_DONE : all_topics(cli, e);
    if (code != EXIT_DONE)
        return code;
    cli_catch();
    int rc = ffc_subscribe(cli->c, e->topic, e->n);
    if (rc < 0)
        return cli_failed(cli, rc);
    for (size_t n = 0; code == EXIT_DONE && !cli_interrupted &&
                       (!e->limit || n < e->limit);) {
        struct ffc_event event;
        rc = ffc_next_event(cli->c, LOOK_MS, &event);
        if (rc == FFC_ETIMEOUT)
            continue;
        if (rc < 0)
            return cli_failed(cli, rc);
        code = print(cli, &event);
        ffc_event_release(&event);
        n++;
    }
    return code;
}

int verb_events(struct cli *cli, struct args *a)
{
    struct events e = {0};
    const char *word;
    while ((word = args_next(a))) {
        if (args_is(a, "--limit"))
            e.limit = args_size(a, 1);
        else if (cli_common(cli, a))
            continue;
        else if (*word == '-' || e.n == TOPICS_MAX)
            args_unknown(a);
        else
            e.topic[e.n++] = word;
    }
    if (a->why[0])
        return cli_usage(cli, a);
    int code = cli_connect(cli);
    return code == EXIT_DONE ? events(cli, &e) : code;
}

/*
 * top: a table of the models once a second, out of `stats`. On a terminal the
 * whole screen; elsewhere one table after the other.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/cli.h"
#include "clients/cli/clock.h"
#include "clients/cli/screen.h"
#include "clients/cli/top.h"

#define KEYS "q quit   up, down: other models   p pause"

struct top {
    bool once, paused;
    double every_s;
    struct top_view view;
    struct top_past past;
    struct ffc_reply *stats; /* owned; the newest, or NULL */
};

static int plain(struct cli *cli, const struct top *t)
{
    int code = EXIT_DONE;
    double due = clock_s();
    cli_catch();
    while (code == EXIT_DONE && !cli_interrupted) {
        struct ffc_reply *reply;
        int rc = ffc_stats(cli->c, NULL, &reply);
        if (rc < 0)
            return cli_failed(cli, rc);
        if (cli->json) {
            code = cli_show(cli, reply);
        } else {
            top_draw(stdout, ffc_reply_value(reply), &t->view);
            ffc_reply_free(reply);
        }
        (void)fflush(stdout);
        if (t->once)
            return code;
        due += t->every_s;
        clock_wait(due);
    }
    return code;
}

/* ---- the whole screen -------------------------------------------------------
 */

static void draw(struct top *t, const char *note)
{
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    if (!to)
        return;
    screen_size(&t->view.columns, &t->view.rows);
    t->view.note = note;
    top_draw(to, t->stats ? ffc_reply_value(t->stats) : NULL, &t->view);
    if (fclose(to) == 0)
        screen_show(text);
    free(text);
}

/* Ask; a daemon that is gone is looked for each time. What to say of it, or
   NULL. */
static const char *ask(struct cli *cli, struct top *t, char why[FFC_WHY_MAX])
{
    struct ffc_reply *reply;
    int rc = FFC_OK;
    if (!cli->c)
        rc = ffc_open(&cli->c, &cli->options, why);
    if (rc < 0)
        return "ffd is gone, looking for it; numbers are of before";
    rc = ffc_stats(cli->c, NULL, &reply);
    if (rc < 0) {
        ffc_close(cli->c);
        cli->c = NULL;
        return "ffd does not answer; looking for it";
    }
    ffc_reply_free(t->stats);
    t->stats = reply;
    top_remember(&t->past, ffc_reply_value(reply));
    return NULL;
}

/* False: it is to end. */
static bool obey(struct top *t, int key)
{
    if (key == 'q' || key == SCREEN_ENDED)
        return false;
    if (key == 'p')
        t->paused = !t->paused;
    if (key == SCREEN_UP || key == 'k')
        t->view.first -= t->view.first > 0;
    if (key == SCREEN_DOWN || key == 'j')
        t->view.first +=
            t->view.first + 1 <
            ffc_value_count(ffc_value_get(
                t->stats ? ffc_reply_value(t->stats) : NULL, "models"));
    return true;
}

static int whole_screen(struct cli *cli, struct top *t)
{
    char why[FFC_WHY_MAX];
    const char *note = NULL;
    double due = clock_s();
    bool goes_on = true;
    while (goes_on) {
        double now = clock_s();
        if (now >= due) {
            due = now + t->every_s;
            if (!t->paused)
                note = ask(cli, t, why);
        }
        draw(t, note ? note : t->paused ? "paused; p goes on" : KEYS);
        goes_on = obey(t, screen_key(due > now ? due - now : 0));
    }
    screen_close();
    ffc_reply_free(t->stats);
    return EXIT_DONE;
}

int verb_top(struct cli *cli, struct args *a)
{
    struct top t = {.every_s = 1};
    while (args_next(a)) {
        if (args_is(a, "--once"))
            t.once = true;
        else if (args_is(a, "--every"))
            t.every_s = args_positive(a);
        else if (!cli_common(cli, a))
            args_unknown(a);
    }
    if (a->why[0])
        return cli_usage(cli, a);
    int code = cli_connect(cli);
    if (code != EXIT_DONE)
        return code;
    t.view.colours = screen_has_colours();
    if (t.once || cli->json || screen_open() < 0)
        return plain(cli, &t);
    setlocale(LC_CTYPE, "");
    t.view.blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    t.view.past = &t.past;
    return whole_screen(cli, &t);
}

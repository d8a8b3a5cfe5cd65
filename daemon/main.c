/*
 * ffd: a daemon that learns from a stream and answers while it learns.
 *
 * This file is the command line and the order of beginning and end; the parts
 * are in daemon.h.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/apitext.h"
#include "daemon/core.h"
#include "daemon/daemon.h"
#include "daemon/import.h"
#include "daemon/model.h"
#include "daemon/recover.h"
#include "daemon/start.h"
#include "daemon/verify.h"

#define SPARE_THREADS  5 /* for questions and files */
#define DEFAULT_CONFIG "/etc/ffd/ffd.yaml"

enum { EXIT_CONFIG = 78 }; /* EX_CONFIG of sysexits.h */

struct arguments {
    const char *config;
    const char *state, *listen;
    bool check;
};

static const char usage[] =
    "Usage: ffd [-c FILE]\n"
    "Learns from streams with the Forward-Forward algorithm and answers\n"
    "questions while it learns.\n"
    "\n"
    "  -c, --config FILE   configuration (" DEFAULT_CONFIG ")\n"
    "      --check         validate the configuration and exit\n"
    "      --state DIR     state directory, instead of the configuration's\n"
    "      --listen ADDR   listen only there: unix:PATH, tcp:HOST:PORT or\n"
    "                      tls:HOST:PORT\n"
    "      --new-token ROLE  make a token of the role query, feed or admin: "
    "it goes\n"
    "                      to standard error, its line for the file under "
    "tokens:\n"
    "                      to standard output (ffd --new-token feed >> FILE)\n"
    "      --verify DIR    look whether a state directory is sound, change "
    "nothing:\n"
    "                      exit 0 if all of it is, 1 if a start works without "
    "what is\n"
    "                      damaged, 2 if a start would fail\n"
    "      --api-info      print the protocol's methods, errors and limits as "
    "JSON\n"
    "      --version\n"
    "      --help\n"
    "\n"
    "Signals: TERM, INT finish, save and stop; HUP reads the configuration "
    "again.\n";

/* The line can be appended to a file, while the token is seen once. */
static int new_token(const char *name)
{
    enum ffp_role role = ffp_role_find(name, strlen(name));
    char token[FFD_TOKEN_CHARS + 1], line[FFD_TOKEN_LINE_MAX];

    if (role == FFP_ROLES || role == FFP_ROLE_NONE) {
        fprintf(stderr, "ffd: a token's role is query, feed or admin\n");
        return 2;
    }
    if (ffd_token_new(role, token, line) < 0) {
        fprintf(stderr, "ffd: no token could be made: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    if (puts(line) == EOF || fflush(stdout) == EOF) {
        fprintf(stderr, "ffd: the token's line could not be written\n");
        return EXIT_FAILURE;
    }
    fprintf(stderr, "token: %s\n", token);
    return EXIT_SUCCESS;
}

static int verify(const char *dir)
{
    if (strlen(dir) < FFD_STATE_MAX)
        return (int)ffd_verify(dir, stdout);
    fprintf(stderr, "ffd: --verify: the path is too long\n");
    return FFD_UNUSABLE;
}

/* 0: go on. Otherwise exit with *status. */
static int read_arguments(struct arguments *a, int argc, char **argv,
                          int *status)
{
    enum {
        CHECK = 256,
        STATE,
        LISTEN,
        VERIFY,
        NEW_TOKEN,
        API_INFO,
        VERSION,
        HELP
    };
    static const struct option options[] = {
        {"config", required_argument, NULL, 'c'},
        {"check", no_argument, NULL, CHECK},
        {"state", required_argument, NULL, STATE},
        {"listen", required_argument, NULL, LISTEN},
        {"new-token", required_argument, NULL, NEW_TOKEN},
        {"verify", required_argument, NULL, VERIFY},
        {"api-info", no_argument, NULL, API_INFO},
        {"version", no_argument, NULL, VERSION},
        {"help", no_argument, NULL, HELP},
        {0},
    };
    int option;

    *status = EXIT_SUCCESS;
    while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
        switch (option) {
        case 'c':
            a->config = optarg;
            break;
        case CHECK:
            a->check = true;
            break;
        case STATE:
            a->state = optarg;
            break;
        case LISTEN:
            a->listen = optarg;
            break;
        case NEW_TOKEN:
            *status = new_token(optarg);
            return 1;
        case VERIFY:
            *status = verify(optarg);
            return 1;
        case API_INFO:
            *status = ffd_print_api_info(stdout) < 0 ? EXIT_FAILURE : 0;
            return 1;
        case VERSION:
            puts("ffd " FFD_VERSION);
            return 1;
        case HELP:
            fputs(usage, stdout);
            return 1;
        default:
            fputs(usage, stderr);
            *status = 2;
            return 1;
        }
    }
    if (optind == argc)
        return 0;
    fputs(usage, stderr);
    *status = 2;
    return 1;
}

/* What --check can tell beyond the file itself: the files that it names. */
static int check_files(const struct ffd_config *c, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_keys_held keys;

    if (ffd_keys_held_load(&keys, c, why) < 0)
        return -1;
    ffd_keys_held_release(&keys);
    return 0;
}

static int read_config(struct ffd_config *c, const struct arguments *a,
                       char why[FFD_CONFIG_WHY_MAX])
{
    ffd_config_init(c);
    if (ffd_config_load(c, a->config, why) < 0)
        return -1;
    if (a->state && strlen(a->state) >= FFD_STATE_MAX) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "--state: the path is too long");
        return -1;
    }
    if (a->state)
        memcpy(c->state, a->state, strlen(a->state) + 1);
    if (!a->listen)
        return 0;
    if (strlen(a->listen) >= FFD_ADDRESS_MAX ||
        ffd_address_check(a->listen, why) < 0 ||
        ffd_address_guarded(a->listen, c, why) < 0)
        return -1;
    memcpy(c->listen[0], a->listen, strlen(a->listen) + 1);
    c->listens = 1;
    return 0;
}

static unsigned count_learners(const struct ffd_config *c)
{
    unsigned n = (unsigned)c->learners;

    return n ? n : uv_available_parallelism();
}

static int start(struct ffd_daemon *d, char why[FFD_CONFIG_WHY_MAX])
{
    d->started_ms = uv_now(&d->loop);
    d->started_unix_s = ffd_unix_s();
    memcpy(d->digests, d->config.digests, sizeof(d->digests));
    ffd_histogram_init(&d->lag_us);
    if (ffd_guard_start(d, why) < 0)
        return -1;
    if (ffd_start_state(d, why) < 0 || ffd_start_models(d, why) < 0)
        return -1;
    if (ffd_recover_end(d, why) < 0 || ffd_commit_start(d, why) < 0)
        return -1;
    if (ffd_turn_start(d) < 0 ||
        ffd_scheduler_start(d, count_learners(&d->config)) < 0 ||
        ffd_events_start(d) < 0 || ffd_periodic_start(d) < 0 ||
        ffd_stop_start(d) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "the loop could not be started");
        return -1;
    }
    ffd_notify_start(d);
    if (ffd_listen_start(d, why) < 0 || ffd_http_start(d, why) < 0)
        return -1;
    for (struct ffd_model *m = d->models; m; m = m->next) {
        ffd_model_at_home(m);
        /* What was read again may be in the disk's cache alone, if its flush
           had failed before; and the next start begins here. */
        if (m->recovered > 0)
            ffd_model_want_snapshot(m);
        ffd_scheduler_want(m);
    }
    ffd_notify_ready(d);
    return 0;
}

static void release(struct ffd_daemon *d)
{
    ffd_commit_release(d);
    while (d->models)
        ffd_model_free(d->models);
    ffd_imports_release(d);
    ffd_call_pool_release(&d->calls);
    ffd_events_release(d);
    ffd_guard_release(d);
    ffd_config_release(&d->config);
    uv_loop_close(&d->loop);
    uv_library_shutdown();
}

static void close_any(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* A start that failed half way: close what was opened. */
static void undo(struct ffd_daemon *d)
{
    ffd_http_stop(d);
    uv_walk(&d->loop, close_any, NULL);
    uv_run(&d->loop, UV_RUN_DEFAULT);
}

static int run(struct ffd_daemon *d)
{
    char why[FFD_CONFIG_WHY_MAX];

    uv_loop_configure(&d->loop, UV_METRICS_IDLE_TIME);
    if (start(d, why) < 0) {
        ffd_log(FFD_LOG_ERROR, "%s", why);
        undo(d);
        return EXIT_FAILURE;
    }
    uv_run(&d->loop, UV_RUN_DEFAULT);
    ffd_log(FFD_LOG_NOTICE, "stopped%s",
            d->stop.failed ? "; not everything could be saved" : "");
    return d->stop.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct arguments a = {.config = DEFAULT_CONFIG};
    char why[FFD_CONFIG_WHY_MAX], threads[16];
    struct ffd_daemon *d;
    int status, rc;

    if (read_arguments(&a, argc, argv, &status))
        return status;
    ffd_log_init();
    d = calloc(1, sizeof(*d));
    if (!d) {
        fputs("ffd: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    d->config_path = a.config;
    if (read_config(&d->config, &a, why) < 0 ||
        (a.check && check_files(&d->config, why) < 0)) {
        fprintf(stderr, "ffd: %s\n", why);
        ffd_config_release(&d->config);
        free(d);
        return EXIT_CONFIG;
    }
    if (a.check) {
        printf("%s is valid\n", a.config);
        ffd_config_release(&d->config);
        free(d);
        return EXIT_SUCCESS;
    }
    ffd_choose_core(argv);
    ffd_log_set_level(d->config.log);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like
                                 others */
    /* libuv reads it when the pool is first used. */
    snprintf(threads, sizeof(threads), "%u",
             count_learners(&d->config) + SPARE_THREADS);
    setenv("UV_THREADPOOL_SIZE", threads, 1);
    rc = uv_loop_init(&d->loop);
    if (rc < 0) {
        ffd_log(FFD_LOG_ERROR, "no event loop: %s", uv_strerror(rc));
        ffd_config_release(&d->config);
        free(d);
        return EXIT_FAILURE;
    }
    status = run(d);
    release(d);
    free(d);
    return status;
}

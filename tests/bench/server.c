#include "tests/bench/server.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/c/ffclient.h"
#include "tests/bench/measure.h"

#define START_SECONDS 30

static struct server *running;
static pid_t owner; /* children that die leave it alone */

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static int end(struct server *s)
{
    int status = -1;

    running = NULL;
    kill(s->pid, SIGTERM);
    while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
        ;
    nftw(s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return status;
}

static void on_exit_stop(void)
{
    if (running && getpid() == owner)
        end(running);
}

/* A port that was free a moment ago. */
static int free_port(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) ||
        getsockname(fd, (struct sockaddr *)&a, &n))
        die("no free port: %s", strerror(errno));
    close(fd);
    return ntohs(a.sin_port);
}

static void write_config(const struct server *s, const struct server_plan *plan,
                         const char *path)
{
    FILE *f = fopen(path, "w");

    if (!f)
        die("%s: %s", path, strerror(errno));
    fprintf(f,
            "listen: [\"%s\", \"%s\"]\nstate: %s/state\nhttp: off\nlog: "
            "warning\n%s",
            s->unix_address, s->tcp_address, s->dir,
            plan->top ? plan->top : "");
    fprintf(f, "models:\n");
    for (size_t i = 0; i < plan->models; i++)
        fprintf(f,
                "  m%zu:\n"
                "    input: {shape: [%zu, %zu], dtype: u8}\n"
                "    seed: %zu\n"
                "    sleep: %s\n",
                i, plan->shape[0], plan->shape[1], i + 1, plan->sleep);
    if (fclose(f))
        die("%s: %s", path, strerror(errno));
}

static void run(const char *ffd, const char *config, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(1);
    execl(ffd, ffd, "-c", config, (char *)NULL);
    fprintf(stderr, "%s: %s\n", ffd, strerror(errno));
    _exit(127);
}

static void wait_until_it_answers(const struct server *s)
{
    struct ffc_options options = {.address = s->unix_address,
                                  .client = "bench"};
    double deadline = measure_now() + START_SECONDS;
    char why[FFC_WHY_MAX];
    struct ffc *c;

    while (ffc_open(&c, &options, why)) {
        if (waitpid(s->pid, NULL, WNOHANG) != 0) {
            running = NULL;
            nftw(s->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
            die("ffd did not start");
        }
        if (measure_now() > deadline)
            die("ffd does not answer: %s", why);
        usleep(10000);
    }
    ffc_close(c);
}

void server_start(struct server *s, const struct server_plan *plan)
{
    static int registered;
    const char *tmp = getenv("TMPDIR");
    char config[160];
    pid_t parent = getpid();

    snprintf(s->dir, sizeof s->dir, "%s/ffd-bench-XXXXXX",
             tmp && strlen(tmp) < 80 ? tmp : "/tmp");
    if (!mkdtemp(s->dir))
        die("%s: %s", s->dir, strerror(errno));
    snprintf(s->unix_address, sizeof s->unix_address, "unix:%s/sock", s->dir);
    snprintf(s->tcp_address, sizeof s->tcp_address, "tcp:127.0.0.1:%d",
             free_port());
    snprintf(config, sizeof config, "%s/ffd.yaml", s->dir);
    write_config(s, plan, config);
    s->pid = fork();
    if (s->pid == 0)
        run(plan->ffd, config, parent);
    if (s->pid < 0)
        die("fork: %s", strerror(errno));
    running = s;
    owner = parent;
    if (!registered++)
        atexit(on_exit_stop);
    wait_until_it_answers(s);
}

void server_stop(struct server *s)
{
    int status = end(s);

    if (!WIFEXITED(status) || WEXITSTATUS(status))
        die("ffd ended badly (wait status %d)", status);
}

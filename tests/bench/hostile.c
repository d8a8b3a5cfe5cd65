#include "tests/bench/hostile.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "proto/client.h"
#include "proto/pack.h"
#include "tests/bench/measure.h"
#include "tests/bench/peer.h"

#define RECENT     64    /* connections of the storm that are open at a time */
#define TURN_S     0.001 /* when no connection is due before */
#define DEAF_BYTES 4096  /* at most, a turn */

/* Between the storm and who started it. */
struct hostile_shared {
    atomic_bool ready, stop;
    struct hostile_counts counts; /* written before the process ends */
};

/* One that stays, and says the same over and over. */
struct stayer {
    int fd;    /* -1: it was closed */
    size_t at; /* byte of what it says */
};

struct storm {
    const struct hostile_plan *plan;
    struct hostile_counts *counts;
    union {
        struct sockaddr any;
        struct sockaddr_un un;
        struct sockaddr_in in;
    } to;
    socklen_t to_size;
    int recent[RECENT];                /* -1: none */
    struct stayer *idle, *deaf, *slow; /* (plan) owned */
    size_t deaf_turns, slow_turns;
    struct ffp_buf request, flood; /* one predict; many api_info */
};

/* ---- those that come and go ------------------------------------------------
 */

static void resolve(struct storm *s)
{
    const char *a = s->plan->address;

    memset(&s->to, 0, sizeof s->to);
    if (strncmp(a, "unix:", 5) == 0) {
        s->to.un.sun_family = AF_UNIX;
        memcpy(s->to.un.sun_path, a + 5, strlen(a + 5) + 1);
        s->to_size = sizeof s->to.un;
    } else {
        s->to.in.sin_family = AF_INET;
        s->to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        s->to.in.sin_port =
            htons((uint16_t)strtoul(strrchr(a, ':') + 1, NULL, 10));
        s->to_size = sizeof s->to.in;
    }
}

/* Whether the handshake was ever done. */
static bool was_connected(const struct storm *s, int fd)
{
    struct tcp_info info;
    socklen_t n = sizeof info;

    if (s->to.any.sa_family == AF_UNIX)
        return true;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) == 0 &&
           info.tcpi_state != TCP_SYN_SENT;
}

static void leave(struct storm *s, int *fd)
{
    if (*fd < 0)
        return;
    if (was_connected(s, *fd))
        s->counts->connected++;
    close(*fd);
    *fd = -1;
}

static void come(struct storm *s, int *fd)
{
    static const struct linger now = {.l_onoff = 1, .l_linger = 0};

    s->counts->offered++;
    *fd = socket(s->to.any.sa_family,
                 SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        die("socket: %s", strerror(errno));
    if (s->to.any.sa_family == AF_INET)
        setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    if (connect(*fd, &s->to.any, s->to_size) == 0 || errno == EINPROGRESS)
        return;
    close(*fd); /* the backlog is full */
    *fd = -1;
}

static double next_due(const struct storm *s, double start)
{
    return s->plan->rate
               ? start + (double)s->counts->offered / (double)s->plan->rate
               : start + 1e9;
}

/* ---- those that stay -------------------------------------------------------
 */

static struct stayer *connect_all(const char *address, size_t n)
{
    struct stayer *all = calloc(n ? n : 1, sizeof *all);

    if (!all)
        die("out of memory");
    for (size_t i = 0; i < n; i++)
        all[i].fd = peer_connect(address);
    return all;
}

/* At most n bytes more of what it says. */
static void say(struct storm *s, struct stayer *p, const struct ffp_buf *what,
                size_t n)
{
    size_t left = what->n - p->at;
    ssize_t sent;

    if (p->fd < 0)
        return;
    sent = send(p->fd, what->data + p->at, n < left ? n : left, MSG_NOSIGNAL);
    if (sent > 0) {
        s->counts->bytes += (size_t)sent;
        p->at = (p->at + (size_t)sent) % what->n;
    } else if (errno != EAGAIN && errno != EINTR) {
        close(p->fd);
        p->fd = -1;
    }
}

static void flood(struct storm *s)
{
    if (s->plan->deaf > 0)
        say(s, &s->deaf[s->deaf_turns++ % s->plan->deaf], &s->flood,
            s->flood.n);
}

static void drip(struct storm *s, double since)
{
    size_t n = s->plan->slow;

    while (n > 0 && (double)s->slow_turns < since * (double)n)
        say(s, &s->slow[s->slow_turns++ % n], &s->request, 1);
}

static void encode(struct storm *s)
{
    uint8_t *frame = calloc(1, s->plan->frame_bytes);

    if (!frame)
        die("out of memory");
    ffp_buf_init(&s->request, (size_t)1 << 20);
    ffp_call_begin(&s->request, 1, "predict", 2);
    ffp_pack_str(&s->request, "m0");
    ffp_pack_bin(&s->request, frame, s->plan->frame_bytes);
    ffp_buf_init(&s->flood, (size_t)1 << 20);
    while (s->flood.n < DEAF_BYTES)
        ffp_call_begin(&s->flood, 1, "api_info", 0);
    free(frame);
    if (s->request.failed || s->flood.failed)
        die("out of memory");
}

/* ---- the process -----------------------------------------------------------
 */

static void sleep_until(double when)
{
    double left = when - measure_now();
    struct timespec t = {.tv_nsec = (long)(left * 1e9)};

    if (left > 0)
        clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

static void rage(struct storm *s, const atomic_bool *stop)
{
    double start = measure_now();

    while (!atomic_load(stop)) {
        double now = measure_now(), due;

        while ((due = next_due(s, start)) <= now) {
            int *fd = &s->recent[s->counts->offered % RECENT];

            leave(s, fd);
            come(s, fd);
        }
        flood(s);
        drip(s, now - start);
        sleep_until(due < now + TURN_S ? due : now + TURN_S);
    }
    for (size_t i = 0; i < RECENT; i++)
        leave(s, &s->recent[i]);
    s->counts->seconds = measure_now() - start;
}

static _Noreturn void storm(const struct hostile_plan *plan,
                            struct hostile_shared *shared, pid_t parent)
{
    struct storm s = {.plan = plan, .counts = &shared->counts};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1L);
    if (getppid() != parent)
        _exit(1);
    for (size_t i = 0; i < RECENT; i++)
        s.recent[i] = -1;
    resolve(&s);
    encode(&s);
    s.idle = connect_all(plan->address, plan->idle);
    s.deaf = connect_all(plan->address, plan->deaf);
    s.slow = connect_all(plan->address, plan->slow);
    atomic_store(&shared->ready, true);
    rage(&s, &shared->stop);
    _exit(0); /* what is open and allocated goes with the process */
}

void hostile_start(struct hostile *h, const struct hostile_plan *plan)
{
    pid_t parent = getpid();

    h->shared = mmap(NULL, sizeof *h->shared, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (h->shared == MAP_FAILED)
        die("mmap: %s", strerror(errno));
    h->pid = fork();
    if (h->pid < 0)
        die("fork: %s", strerror(errno));
    if (h->pid == 0)
        storm(plan, h->shared, parent);
    while (!atomic_load(&h->shared->ready)) {
        if (waitpid(h->pid, NULL, WNOHANG) != 0)
            die("the hostile peers could not connect");
        usleep(1000);
    }
}

void hostile_stop(struct hostile *h, struct hostile_counts *out)
{
    int status;

    atomic_store(&h->shared->stop, true);
    if (waitpid(h->pid, &status, 0) != h->pid || status != 0)
        die("the hostile peers ended early");
    *out = h->shared->counts;
    munmap(h->shared, sizeof *h->shared);
}

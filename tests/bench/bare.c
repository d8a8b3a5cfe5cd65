#include "tests/bench/bare.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/limits.h"
#include "tests/bench/measure.h"

static int listen_at(int family, const void *address, socklen_t n)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, address, n) || listen(fd, FFP_MAX_BACKLOG))
        die("cannot listen: %s", strerror(errno));
    return fd;
}

static int listen_unix(struct bare *b, const char *dir)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    snprintf(b->path, sizeof b->path, "%s/bare", dir);
    snprintf(b->unix_address, sizeof b->unix_address, "unix:%s", b->path);
    if (strlen(b->path) >= sizeof a.sun_path)
        die("%s: the path is too long; set a shorter TMPDIR", b->path);
    memcpy(a.sun_path, b->path, strlen(b->path) + 1);
    return listen_at(AF_UNIX, &a, sizeof a);
}

static int listen_tcp(struct bare *b)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = listen_at(AF_INET, &a, sizeof a);
    socklen_t n = sizeof a;

    if (getsockname(fd, (struct sockaddr *)&a, &n))
        die("getsockname: %s", strerror(errno));
    snprintf(b->tcp_address, sizeof b->tcp_address, "tcp:127.0.0.1:%d",
             ntohs(a.sin_port));
    return fd;
}

static _Noreturn void serve(struct pollfd fds[2], pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (getppid() == parent) {
        if (poll(fds, 2, 1000) <= 0)
            continue;
        for (int i = 0; i < 2; i++) {
            int fd = fds[i].revents
                         ? accept4(fds[i].fd, NULL, NULL, SOCK_CLOEXEC)
                         : -1;

            if (fd >= 0)
                close(fd);
        }
    }
    _exit(0);
}

void bare_start(struct bare *b, const char *dir)
{
    pid_t parent = getpid();
    struct pollfd fds[2] = {{.events = POLLIN}, {.events = POLLIN}};

    fds[0].fd = listen_unix(b, dir);
    fds[1].fd = listen_tcp(b);
    b->pid = fork();
    if (b->pid < 0)
        die("fork: %s", strerror(errno));
    if (b->pid == 0)
        serve(fds, parent);
    close(fds[0].fd);
    close(fds[1].fd);
}

void bare_stop(struct bare *b)
{
    kill(b->pid, SIGKILL);
    waitpid(b->pid, NULL, 0);
    unlink(b->path);
}

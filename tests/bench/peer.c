#include "tests/bench/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "proto/limits.h"
#include "tests/bench/measure.h"

static int connect_unix(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof a.sun_path)
        die("%s: the path is too long; set a shorter TMPDIR", path);
    strcpy(a.sun_path, path); /* NOLINT(*insecureAPI.strcpy): fits */
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a))
        die("%s: %s", path, strerror(errno));
    return fd;
}

static int connect_tcp(const char *address)
{
    const char *colon = strrchr(address, ':');
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    a.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a))
        die("%s: %s", address, strerror(errno));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

int peer_connect(const char *address)
{
    bool is_unix = strncmp(address, "unix:", 5) == 0;
    int fd = is_unix ? connect_unix(address + 5) : connect_tcp(address);

    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

void peer_open(struct peer *p, const char *address)
{
    p->fd = peer_connect(address);
    p->sent = 0;
    ffp_buf_init(&p->out, FFP_MAX_OUTPUT_BYTES);
    ffp_stream_init(&p->in, FFP_MAX_MESSAGE_BYTES);
    ffp_decoder_init(&p->decoder);
}

void peer_close(struct peer *p)
{
    close(p->fd);
    ffp_buf_release(&p->out);
    ffp_stream_release(&p->in);
    ffp_decoder_release(&p->decoder);
}

bool peer_write(struct peer *p)
{
    if (p->out.failed)
        die("out of memory for requests");
    while (p->sent < p->out.n) {
        ssize_t n = send(p->fd, p->out.data + p->sent, p->out.n - p->sent,
                         MSG_NOSIGNAL);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (n < 0)
            die("cannot send: %s", strerror(errno));
        p->sent += (size_t)n;
    }
    ffp_buf_clear(&p->out);
    p->sent = 0;
    return false;
}

void peer_read(struct peer *p)
{
    uint8_t *at;
    size_t room;
    ssize_t n;

    if (ffp_stream_reserve(&p->in, &at, &room))
        die("out of memory for answers");
    n = recv(p->fd, at, room, 0);
    if (n == 0)
        die("ffd closed the connection");
    if (n > 0)
        ffp_stream_commit(&p->in, (size_t)n);
    else if (errno != EAGAIN && errno != EINTR)
        die("cannot receive: %s", strerror(errno));
}

bool peer_next(struct peer *p, struct ffp_response *out)
{
    const uint8_t *message;
    size_t n;

    switch (ffp_stream_next(&p->in, &message, &n)) {
    case FFP_STREAM_MORE:
        return false;
    case FFP_STREAM_REFUSED:
        break;
    case FFP_STREAM_MESSAGE:
        if (ffp_receive(&p->decoder, message, n, out) == FFP_RESPONSE)
            return true;
        break;
    }
    die("an answer cannot be read");
}

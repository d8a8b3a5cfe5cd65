#include "clients/c/tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "clients/c/alloc.h"
#include "clients/c/socket.h"

struct ffc_tls {
    SSL_CTX *ctx;
    BIO_METHOD *method;
    SSL *ssl;
    int fd;
    bool failed;
    char why[128];
};

/* ---- the socket as OpenSSL sees it: its own would raise SIGPIPE ---------- */

static int would_block(BIO *bio, ssize_t n)
{
    BIO_clear_retry_flags(bio);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

static int bio_write(BIO *bio, const char *from, int n)
{
    const struct ffc_tls *t = BIO_get_data(bio);
    ssize_t done = send(t->fd, from, (size_t)n, MSG_NOSIGNAL);
    if (would_block(bio, done))
        BIO_set_retry_write(bio);
    return (int)done;
}

static int bio_read(BIO *bio, char *to, int n)
{
    const struct ffc_tls *t = BIO_get_data(bio);
    ssize_t got = recv(t->fd, to, (size_t)n, 0);
    if (would_block(bio, got))
        BIO_set_retry_read(bio);
    return (int)got;
}

static long bio_ctrl(BIO *bio, int what, long n, void *p)
{
    (void)bio;
    (void)n;
    (void)p;
    return what == BIO_CTRL_FLUSH; /* nothing is held back */
}

static BIO *new_bio(struct ffc_tls *t)
{
    /* Without a type number of its own: there are few, for a whole process. */
    t->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "ffclient");
    if (!t->method)
        return NULL;
    BIO_meth_set_write(t->method, bio_write);
    BIO_meth_set_read(t->method, bio_read);
    BIO_meth_set_ctrl(t->method, bio_ctrl);
    BIO *bio = BIO_new(t->method);
    if (bio) {
        BIO_set_data(bio, t);
        BIO_set_init(bio, 1);
    }
    return bio;
}

/* ---- errors -------------------------------------------------------------- */

static const char *reason(void)
{
    unsigned long code = ERR_get_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return text ? text : "unknown error";
}

static int bad_file(const char *what, const char *path, char why[FFC_WHY_MAX])
{
    snprintf(why, FFC_WHY_MAX, "%s %.200s: %s", what, path, reason());
    return FFC_EARGUMENT;
}

/* A call did not succeed: recv's and send's answer to that. */
static ssize_t answer(struct ffc_tls *t, int rc, int error)
{
    switch (SSL_get_error(t->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        t->failed = true;
        errno = error;
        return error ? -1 : 0; /* an end without goodbye is an end */
    default:
        t->failed = true;
        snprintf(t->why, sizeof t->why, "%s", reason());
        /* The peer was killed: every message says how long it is, so nothing
           was cut off unseen. */
        if (strstr(t->why, "unexpected eof"))
            return 0;
        errno = EPROTO;
        return -1;
    }
}

/* ---- opening ------------------------------------------------------------- */

static int load_files(SSL_CTX *ctx, const struct ffc_tls_files *f,
                      char why[FFC_WHY_MAX])
{
    if (f->ca && SSL_CTX_load_verify_file(ctx, f->ca) != 1)
        return bad_file("the CA file", f->ca, why);
    if (!f->ca && SSL_CTX_set_default_verify_paths(ctx) != 1)
        return bad_file("the system's CA files", "", why);
    if (!f->certificate != !f->key) {
        snprintf(why, FFC_WHY_MAX,
                 "a client certificate and its key go together (--cert and "
                 "--key, or FFD_CERT and FFD_KEY)");
        return FFC_EARGUMENT;
    }
    if (!f->certificate)
        return FFC_OK;
    if (SSL_CTX_use_certificate_chain_file(ctx, f->certificate) != 1)
        return bad_file("the certificate", f->certificate, why);
    if (SSL_CTX_use_PrivateKey_file(ctx, f->key, SSL_FILETYPE_PEM) != 1)
        return bad_file("the key", f->key, why);
    return FFC_OK;
}

/* Of a number its certificate must hold the number, of a name the name. */
static int expect_host(SSL *ssl, const char *host)
{
    unsigned char ip[sizeof(struct in6_addr)];
    if (inet_pton(AF_INET, host, ip) == 1 || inet_pton(AF_INET6, host, ip) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

static int prepare(struct ffc_tls *t, const char *host,
                   const struct ffc_tls_files *files, char why[FFC_WHY_MAX])
{
    t->ctx = SSL_CTX_new(TLS_client_method());
    if (!t->ctx || SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION) != 1)
        goto nomem;
    SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(t->ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    int rc = load_files(t->ctx, files, why);
    if (rc < 0)
        return rc;
    t->ssl = SSL_new(t->ctx);
    BIO *bio = t->ssl ? new_bio(t) : NULL;
    if (!bio)
        goto nomem;
    SSL_set_bio(t->ssl, bio, bio); /* moved */
    SSL_set_connect_state(t->ssl);
    if (expect_host(t->ssl, host) == 1)
        return FFC_OK;
nomem:
    snprintf(why, FFC_WHY_MAX, "TLS cannot be used: %s", reason());
    return FFC_ENOMEM;
}

static int not_trusted(const struct ffc_tls *t, const char *host,
                       char why[FFC_WHY_MAX])
{
    long verified = SSL_get_verify_result(t->ssl);
    if (verified == X509_V_OK)
        snprintf(why, FFC_WHY_MAX,
                 "the TLS handshake with %.150s failed: %s; is this its tls: "
                 "address?",
                 host, t->why);
    else
        snprintf(why, FFC_WHY_MAX,
                 "the certificate of %.150s is not trusted: %s; name its CA "
                 "with --ca FILE or FFD_CA, and the host as the certificate "
                 "does",
                 host, X509_verify_cert_error_string(verified));
    return FFC_ECONNECT;
}

static int shake(struct ffc_tls *t, const char *host, int timeout_ms,
                 char why[FFC_WHY_MAX])
{
    long long end = ffc_now_ms() + timeout_ms;
    for (;;) {
        ERR_clear_error();
        errno = 0;
        int rc = SSL_do_handshake(t->ssl);
        if (rc == 1)
            return FFC_OK;
        int error = errno, wants = SSL_get_error(t->ssl, rc);
        ssize_t n = answer(t, rc, error);
        if (n < 0 && errno == EPROTO)
            return not_trusted(t, host, why);
        if (n == 0 || errno != EAGAIN) {
            snprintf(why, FFC_WHY_MAX,
                     "%.150s ended the TLS handshake%s%s; its log says why",
                     host, n < 0 ? ": " : "", n < 0 ? strerror(errno) : "");
            return FFC_ECONNECT;
        }
        long long left = end - ffc_now_ms();
        if (left <= 0 ||
            ffc_socket_wait(t->fd,
                            wants == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN,
                            (int)left) <= 0) {
            snprintf(why, FFC_WHY_MAX,
                     "%.150s did not finish the TLS handshake in time; is "
                     "this its tls: address?",
                     host);
            return FFC_ECONNECT;
        }
    }
}

int ffc_tls_open(struct ffc_tls **out, int fd, const char *host,
                 const struct ffc_tls_files *files, int timeout_ms,
                 char why[FFC_WHY_MAX])
{
    struct ffc_tls *t = ffc_calloc(1, sizeof *t);
    if (!t) {
        snprintf(why, FFC_WHY_MAX, "out of memory");
        return FFC_ENOMEM;
    }
    t->fd = fd;
    ERR_clear_error();
    int rc = prepare(t, host, files, why);
    if (rc == FFC_OK)
        rc = shake(t, host, timeout_ms, why);
    if (rc == FFC_OK) {
        *out = t;
        return FFC_OK;
    }
    t->failed = true; /* nothing to say goodbye to */
    ffc_tls_close(t);
    return rc;
}

void ffc_tls_close(struct ffc_tls *t)
{
    if (!t)
        return;
    if (!t->failed)
        SSL_shutdown(t->ssl);
    ERR_clear_error();
    SSL_free(t->ssl);
    BIO_meth_free(t->method);
    SSL_CTX_free(t->ctx);
    ffc_free(t);
}

/* ---- bytes --------------------------------------------------------------- */

ssize_t ffc_tls_recv(struct ffc_tls *t, void *to, size_t n)
{
    size_t got = 0;
    ERR_clear_error();
    errno = 0;
    int rc = SSL_read_ex(t->ssl, to, n, &got);
    return rc == 1 ? (ssize_t)got : answer(t, rc, errno);
}

ssize_t ffc_tls_send(struct ffc_tls *t, const void *from, size_t n)
{
    size_t done = 0;
    ERR_clear_error();
    errno = 0;
    int rc = SSL_write_ex(t->ssl, from, n, &done);
    if (rc == 1)
        return (ssize_t)done;
    ssize_t not_done = answer(t, rc, errno);
    if (not_done == 0) /* to a peer that has gone */
        errno = EPIPE;
    return -1;
}

bool ffc_tls_holds(const struct ffc_tls *t)
{
    return SSL_pending(t->ssl) > 0;
}

const char *ffc_tls_why(const struct ffc_tls *t)
{
    return t->why;
}

#include "daemon/tls.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

/* ---- the context --------------------------------------------------------- */

/* The reason of the oldest error, which is the cause of the others. */
static const char *reason(void)
{
    unsigned long code = ERR_get_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    return text ? text : "unknown error";
}

static int refuse(char why[FFD_CONFIG_WHY_MAX], const char *key,
                  const char *path)
{
    snprintf(why, FFD_CONFIG_WHY_MAX, "tls.%s: %.300s: %s", key, path,
             reason());
    return -1;
}

static int set_rules(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    return SSL_CTX_set_num_tickets(ctx, 0) == 1 &&
                   SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1
               ? 0
               : -1;
}

/* Whoever has the key is the server. */
static int check_key_mode(const char *path, char why[FFD_CONFIG_WHY_MAX])
{
    struct stat st;

    if (stat(path, &st) < 0 || !(st.st_mode & S_IRWXO))
        return 0; /* what cannot be read OpenSSL will tell */
    snprintf(why, FFD_CONFIG_WHY_MAX,
             "tls.key: %.200s may be read or written by others; mend it with: "
             "chmod o= %.200s",
             path, path);
    return -1;
}

static int load_files(SSL_CTX *ctx, const struct ffd_tls_files *files,
                      char why[FFD_CONFIG_WHY_MAX])
{
    STACK_OF(X509_NAME) * names;

    if (check_key_mode(files->key, why) < 0)
        return -1;
    if (SSL_CTX_use_certificate_chain_file(ctx, files->certificate) != 1)
        return refuse(why, "certificate", files->certificate);
    /* Also that it is the certificate's. */
    if (SSL_CTX_use_PrivateKey_file(ctx, files->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(ctx) != 1)
        return refuse(why, "key", files->key);
    if (!files->client_ca[0])
        return 0;
    names = SSL_load_client_CA_file(files->client_ca);
    if (!names ||
        SSL_CTX_load_verify_locations(ctx, files->client_ca, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return refuse(why, "client_ca", files->client_ca);
    }
    SSL_CTX_set_client_CA_list(ctx, names);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    return 0;
}

int ffd_tls_context_new(struct ssl_ctx_st **out,
                        const struct ffd_tls_files *files,
                        char why[FFD_CONFIG_WHY_MAX])
{
    SSL_CTX *ctx;

    ERR_clear_error();
    ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx || set_rules(ctx) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "tls: %s", reason());
        SSL_CTX_free(ctx);
        return -1;
    }
    if (load_files(ctx, files, why) < 0) {
        SSL_CTX_free(ctx);
        return -1;
    }
    *out = ctx;
    return 0;
}

void ffd_tls_context_free(struct ssl_ctx_st *ctx)
{
    SSL_CTX_free(ctx);
}

/* ---- a connection -------------------------------------------------------- */

int ffd_tls_init(struct ffd_tls *t, struct ssl_ctx_st *ctx)
{
    memset(t, 0, sizeof(*t));
    t->ssl = SSL_new(ctx);
    t->in = BIO_new(BIO_s_mem());
    t->out = BIO_new(BIO_s_mem());
    if (!t->ssl || !t->in || !t->out) {
        BIO_free(t->in);
        BIO_free(t->out);
        SSL_free(t->ssl);
        memset(t, 0, sizeof(*t));
        return -1;
    }
    SSL_set_bio(t->ssl, t->in, t->out); /* moved */
    SSL_set_accept_state(t->ssl);
    return 0;
}

void ffd_tls_release(struct ffd_tls *t)
{
    SSL_free(t->ssl);
    memset(t, 0, sizeof(*t));
}

int ffd_tls_feed(struct ffd_tls *t, const void *bytes, size_t n)
{
    size_t taken = 0;

    return BIO_write_ex(t->in, bytes, n, &taken) == 1 && taken == n ? 0 : -1;
}

bool ffd_tls_fed(const struct ffd_tls *t)
{
    return BIO_pending(t->in) > 0;
}

/* A call did not succeed: is that an end, or only for now? */
static void note(struct ffd_tls *t, int rc)
{
    switch (SSL_get_error(t->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        break;
    case SSL_ERROR_ZERO_RETURN:
        t->state = FFD_TLS_ENDED;
        break;
    default:
        t->state = FFD_TLS_FAILED;
        break;
    }
}

/* A request of a plain peer may look like the hello of SSL 2, of which OpenSSL
   would await the rest. */
static bool begins_well(struct ffd_tls *t)
{
    char *at = NULL;

    if (t->begun || BIO_get_mem_data(t->in, &at) <= 0)
        return true;
    t->begun = true;
    if (*at == SSL3_RT_HANDSHAKE)
        return true;
    t->state = FFD_TLS_FAILED;
    t->not_tls = true;
    return false;
}

size_t ffd_tls_open(struct ffd_tls *t, void *plain, size_t n)
{
    size_t got = 0;
    int rc;

    if (t->state == FFD_TLS_ENDED || t->state == FFD_TLS_FAILED ||
        !begins_well(t))
        return 0;
    ERR_clear_error();
    rc = SSL_read_ex(t->ssl, plain, n, &got);
    if (rc != 1) {
        got = 0;
        note(t, rc);
    }
    if (t->state == FFD_TLS_SHAKING && SSL_is_init_finished(t->ssl))
        t->state = FFD_TLS_OPEN;
    return got;
}

int ffd_tls_seal(struct ffd_tls *t, const void *plain, size_t n)
{
    size_t done = 0;

    ERR_clear_error();
    if (t->state != FFD_TLS_OPEN && t->state != FFD_TLS_ENDED)
        return -1;
    /* Into memory, so all of it or an error. */
    return SSL_write_ex(t->ssl, plain, n, &done) == 1 && done == n ? 0 : -1;
}

void ffd_tls_shut(struct ffd_tls *t)
{
    if (t->state == FFD_TLS_OPEN || t->state == FFD_TLS_ENDED)
        SSL_shutdown(t->ssl);
    ERR_clear_error();
}

size_t ffd_tls_waiting(const struct ffd_tls *t)
{
    return BIO_ctrl_pending(t->out);
}

int ffd_tls_take(struct ffd_tls *t, struct ffp_buf *out)
{
    char *at = NULL;
    long n = BIO_get_mem_data(t->out, &at);

    if (n <= 0)
        return 0;
    if (ffp_buf_add(out, at, (size_t)n) < 0)
        return -1;
    BIO_reset(t->out);
    return 0;
}

const char *ffd_tls_why(const struct ffd_tls *t)
{
    long verified = SSL_get_verify_result(t->ssl);

    if (t->not_tls)
        return "the peer does not speak TLS";
    if (verified != X509_V_OK)
        return X509_verify_cert_error_string(verified);
    return reason();
}

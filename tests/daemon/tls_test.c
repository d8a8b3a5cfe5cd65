/*
 * The machine between two ends in memory: the server's is ours, the client's
 * is OpenSSL's own. Keys and certificates are made for the run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "daemon/tls.h"
#include "tests/daemon/support.h"

/* ---- certificates --------------------------------------------------------
 */

struct authority {
    EVP_PKEY *key;
    X509 *cert;
};

static X509 *sign(EVP_PKEY *key, const char *name, const struct authority *by)
{
    X509 *x = X509_new();
    X509_NAME *subject = X509_NAME_new();

    assert_true(x && subject);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_version(x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1 + (long)strlen(name));
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_subject_name(x, subject);
    X509_set_issuer_name(x,
                         by->cert ? X509_get_subject_name(by->cert) : subject);
    X509_set_pubkey(x, key);
    if (!by->cert) { /* one that may sign others */
        X509_EXTENSION *ext =
            X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "CA:TRUE");

        X509_add_ext(x, ext, -1);
        X509_EXTENSION_free(ext);
    }
    assert_true(X509_sign(x, by->key ? by->key : key, EVP_sha256()) > 0);
    X509_NAME_free(subject);
    return x;
}

static void put(const char *path, EVP_PKEY *key, X509 *cert)
{
    FILE *f = fopen(path, "we");

    assert_non_null(f);
    assert_int_equal(fchmod(fileno(f), 0600), 0);
    if (key)
        PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
    if (cert)
        PEM_write_X509(f, cert);
    fclose(f);
}

/* One CA, a server and a client of it, and a stranger who signed himself. */
static struct {
    char dir[32];
    char ca[64], cert[64], key[64], client[64], client_key[64], stranger[64],
        stranger_key[64];
} files;

static void make(const char *name, const struct authority *by, char cert[64],
                 char key[64])
{
    EVP_PKEY *k = EVP_EC_gen("P-256");
    X509 *x = sign(k, name, by);

    snprintf(cert, 64, "%s/%s.pem", files.dir, name);
    snprintf(key, 64, "%s/%s.key", files.dir, name);
    put(cert, NULL, x);
    put(key, k, NULL);
    X509_free(x);
    EVP_PKEY_free(k);
}

static void make_files(void)
{
    struct authority none = {NULL, NULL}, ca = {EVP_EC_gen("P-256"), NULL};

    snprintf(files.dir, sizeof(files.dir), "/tmp/ffd-test-XXXXXX");
    assert_non_null(mkdtemp(files.dir));
    ca.cert = sign(ca.key, "ca", &none);
    snprintf(files.ca, sizeof(files.ca), "%s/ca.pem", files.dir);
    put(files.ca, NULL, ca.cert);
    make("server", &ca, files.cert, files.key);
    make("client", &ca, files.client, files.client_key);
    make("stranger", &none, files.stranger, files.stranger_key);
    X509_free(ca.cert);
    EVP_PKEY_free(ca.key);
}

static void remove_files(void)
{
    const char *all[] = {files.ca,          files.cert,       files.key,
                         files.client,      files.client_key, files.stranger,
                         files.stranger_key};

    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        unlink(all[i]);
    rmdir(files.dir);
}

/* ---- two ends -------------------------------------------------------------
 */

struct ends {
    struct ssl_ctx_st *server;
    struct ffd_tls s;
    SSL_CTX *client;
    SSL *c;
    BIO *in, *out; /* of the client */
    struct ffp_buf to_client;
    char got[64]; /* by the server */
    size_t n_got;
};

static struct ffd_tls_files named(bool client_ca)
{
    struct ffd_tls_files f;

    snprintf(f.certificate, sizeof(f.certificate), "%s", files.cert);
    snprintf(f.key, sizeof(f.key), "%s", files.key);
    snprintf(f.client_ca, sizeof(f.client_ca), "%s", client_ca ? files.ca : "");
    return f;
}

static void begin_with(struct ends *e, bool client_ca, int version)
{
    struct ffd_tls_files f;
    char why[FFD_CONFIG_WHY_MAX] = "";

    memset(e, 0, sizeof(*e));
    make_files();
    f = named(client_ca);
    if (ffd_tls_context_new(&e->server, &f, why) < 0)
        fail_msg("%s", why);
    assert_int_equal(ffd_tls_init(&e->s, e->server), 0);
    ffp_buf_init(&e->to_client, 1 << 24);
    e->client = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(e->client, 0); /* old versions may be asked */
    SSL_CTX_set_min_proto_version(e->client, version);
    SSL_CTX_set_max_proto_version(e->client, version);
    e->c = SSL_new(e->client);
    e->in = BIO_new(BIO_s_mem());
    e->out = BIO_new(BIO_s_mem());
    SSL_set_bio(e->c, e->in, e->out);
    SSL_set_connect_state(e->c);
}

static void begin(struct ends *e)
{
    begin_with(e, false, TLS1_3_VERSION);
}

static void end(struct ends *e)
{
    SSL_free(e->c);
    SSL_CTX_free(e->client);
    ffd_tls_release(&e->s);
    ffd_tls_context_free(e->server);
    ffp_buf_release(&e->to_client);
    remove_files();
}

static void server_opens(struct ends *e)
{
    size_t n;

    do {
        n = ffd_tls_open(&e->s, e->got + e->n_got, sizeof(e->got) - e->n_got);
        e->n_got += n;
    } while (n > 0 && e->n_got < sizeof(e->got));
}

/* Carry what waits on either side, step bytes at a time. True: something. */
static bool carry(struct ends *e, size_t step)
{
    char bytes[4096];
    bool moved = false;
    int n;

    assert_true(step <= sizeof(bytes));
    while ((n = BIO_read(e->out, bytes, (int)step)) > 0) {
        assert_int_equal(ffd_tls_feed(&e->s, bytes, (size_t)n), 0);
        server_opens(e);
        moved = true;
    }
    assert_int_equal(ffd_tls_take(&e->s, &e->to_client), 0);
    for (size_t at = 0; at < e->to_client.n; at += step) {
        size_t left = e->to_client.n - at;

        BIO_write(e->in, e->to_client.data + at,
                  (int)(left < step ? left : step));
        if (!SSL_is_init_finished(e->c))
            SSL_do_handshake(e->c);
        moved = true;
    }
    ffp_buf_clear(&e->to_client);
    return moved;
}

static void shake(struct ends *e, size_t step)
{
    SSL_do_handshake(e->c);
    while (carry(e, step))
        ;
    ERR_clear_error();
}

static void both_ways(struct ends *e, size_t step)
{
    char got[8];

    shake(e, step);
    assert_int_equal(e->s.state, FFD_TLS_OPEN);
    assert_true(SSL_is_init_finished(e->c));
    assert_int_equal(SSL_write(e->c, "ping", 4), 4);
    carry(e, step);
    assert_int_equal(e->n_got, 4);
    assert_memory_equal(e->got, "ping", 4);
    assert_int_equal(ffd_tls_seal(&e->s, "pong", 4), 0);
    assert_true(ffd_tls_waiting(&e->s) > 4);
    carry(e, step);
    assert_int_equal(ffd_tls_waiting(&e->s), 0);
    assert_int_equal(SSL_read(e->c, got, sizeof(got)), 4);
    assert_memory_equal(got, "pong", 4);
}

/* ---- claims ---------------------------------------------------------------
 */

void tls_shakes_hands_and_carries_bytes(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct ends e;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin_with(&e, false, versions[i]);
        both_ways(&e, 4096);
        assert_false(ffd_tls_fed(&e.s));
        end(&e);
    }
}

void tls_takes_one_byte_at_a_time(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct ends e;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin_with(&e, false, versions[i]);
        both_ways(&e, 1);
        end(&e);
    }
}

void tls_answers_garbage_with_failure(void **state)
{
    static const char *const words[] = {
        "GET / HTTP/1.1\r\n\r\n", "\x94\x00\x01\xa4ping\x90",
        "\x16\x03\x01\xff\xff\x01", "\x16\x03\x01\x00\x05\x01\xff\xff\xff\xff"};
    struct ends e;

    (void)state;
    begin(&e);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        size_t n = i == 1 ? 9 : i == 2 ? 6 : i == 3 ? 10 : strlen(words[i]);

        ffd_tls_release(&e.s);
        assert_int_equal(ffd_tls_init(&e.s, e.server), 0);
        assert_int_equal(ffd_tls_feed(&e.s, words[i], n), 0);
        server_opens(&e);
        assert_int_equal(e.n_got, 0);
        assert_int_equal(e.s.state, FFD_TLS_FAILED);
        assert_true(*ffd_tls_why(&e.s) != '\0');
        assert_int_equal(ffd_tls_seal(&e.s, "x", 1), -1);
    }
    end(&e);
}

void tls_cut_short_waits_and_does_not_open(void **state)
{
    char hello[1024];
    struct ends e;
    int n;

    (void)state;
    begin(&e);
    SSL_do_handshake(e.c);
    n = BIO_read(e.out, hello, sizeof(hello));
    assert_true(n > 100);
    for (int cut = 0; cut < n; cut++) {
        ffd_tls_release(&e.s);
        assert_int_equal(ffd_tls_init(&e.s, e.server), 0);
        if (cut)
            assert_int_equal(ffd_tls_feed(&e.s, hello, (size_t)cut), 0);
        server_opens(&e);
        assert_int_equal(e.s.state, FFD_TLS_SHAKING);
        assert_int_equal(ffd_tls_waiting(&e.s), 0);
    }
    /* The whole of it is answered, and is not enough either. */
    assert_int_equal(ffd_tls_feed(&e.s, hello + n - 1, 1), 0);
    server_opens(&e);
    assert_int_equal(e.s.state, FFD_TLS_SHAKING);
    assert_true(ffd_tls_waiting(&e.s) > 0);
    assert_int_equal(ffd_tls_seal(&e.s, "x", 1), -1);
    end(&e);
}

void tls_of_a_lower_version_is_refused(void **state)
{
    struct ends e;

    (void)state;
    begin_with(&e, false, TLS1_1_VERSION);
    shake(&e, 4096);
    assert_int_equal(e.s.state, FFD_TLS_FAILED);
    assert_false(SSL_is_init_finished(e.c));
    end(&e);
}

void tls_does_not_negotiate_again(void **state)
{
    struct ends e;

    (void)state;
    begin_with(&e, false, TLS1_2_VERSION);
    both_ways(&e, 4096);
    assert_int_equal(SSL_renegotiate(e.c), 1);
    SSL_do_handshake(e.c);
    carry(&e, 4096);
    SSL_do_handshake(e.c);
    carry(&e, 4096);
    /* Refused by an alert: the client, who asked, may not go on. */
    assert_int_equal(SSL_total_renegotiations(e.s.ssl), 0);
    assert_int_not_equal(SSL_do_handshake(e.c), 1);
    ERR_clear_error();
    end(&e);
}

void tls_asks_for_a_certificate_of_its_ca(void **state)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct ends e;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin_with(&e, true, versions[i]);
        shake(&e, 4096);
        assert_int_equal(e.s.state, FFD_TLS_FAILED);
        end(&e);
    }
    for (int good = 0; good < 2; good++) {
        begin_with(&e, true, TLS1_3_VERSION);
        SSL_use_certificate_file(e.c, good ? files.client : files.stranger,
                                 SSL_FILETYPE_PEM);
        SSL_use_PrivateKey_file(e.c,
                                good ? files.client_key : files.stranger_key,
                                SSL_FILETYPE_PEM);
        if (good) {
            both_ways(&e, 4096);
        } else {
            shake(&e, 4096);
            assert_int_equal(e.s.state, FFD_TLS_FAILED);
        }
        end(&e);
    }
}

void tls_tells_the_end(void **state)
{
    struct ends e;
    char got[8];

    (void)state;
    begin(&e);
    both_ways(&e, 4096);
    SSL_shutdown(e.c);
    carry(&e, 4096);
    assert_int_equal(e.s.state, FFD_TLS_ENDED);
    /* It may still be answered. */
    assert_int_equal(ffd_tls_seal(&e.s, "last", 4), 0);
    ffd_tls_shut(&e.s);
    carry(&e, 4096);
    assert_int_equal(SSL_read(e.c, got, sizeof(got)), 4);
    assert_true(SSL_read(e.c, got, sizeof(got)) <= 0);
    assert_true(SSL_get_shutdown(e.c) & SSL_RECEIVED_SHUTDOWN);
    end(&e);
}

void tls_damaged_on_the_way_fails(void **state)
{
    char bytes[256];
    struct ends e;
    int n;

    (void)state;
    begin(&e);
    both_ways(&e, 4096);
    SSL_write(e.c, "ping", 4);
    n = BIO_read(e.out, bytes, sizeof(bytes));
    assert_true(n > 6);
    bytes[n - 1] ^= 1;
    assert_int_equal(ffd_tls_feed(&e.s, bytes, (size_t)n), 0);
    e.n_got = 0;
    server_opens(&e);
    assert_int_equal(e.n_got, 0);
    assert_int_equal(e.s.state, FFD_TLS_FAILED);
    end(&e);
}

void tls_files_that_do_not_fit_are_refused(void **state)
{
    struct ffd_tls_files f;
    struct ssl_ctx_st *ctx = NULL;
    char why[FFD_CONFIG_WHY_MAX];

    (void)state;
    make_files();
    f = named(false);
    snprintf(f.key, sizeof(f.key), "%s", files.client_key);
    assert_int_equal(ffd_tls_context_new(&ctx, &f, why), -1);
    assert_memory_equal(why, "tls.key: ", 9);
    assert_non_null(strstr(why, "mismatch"));
    f = named(false);
    snprintf(f.certificate, sizeof(f.certificate), "%s/none", files.dir);
    assert_int_equal(ffd_tls_context_new(&ctx, &f, why), -1);
    assert_memory_equal(why, "tls.certificate: ", 17);
    f = named(true);
    snprintf(f.client_ca, sizeof(f.client_ca), "%s", files.key);
    assert_int_equal(ffd_tls_context_new(&ctx, &f, why), -1);
    assert_memory_equal(why, "tls.client_ca: ", 15);
    f = named(false);
    assert_int_equal(chmod(files.key, 0644), 0);
    assert_int_equal(ffd_tls_context_new(&ctx, &f, why), -1);
    assert_non_null(strstr(why, "chmod o= "));
    assert_null(ctx);
    remove_files();
}

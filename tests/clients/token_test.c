/*
 * Tokens and TLS from the client's side, as far as no daemon is needed; the
 * rest is in tests/e2e/test_security.py.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/c/token.h"
#include "clients/cli/cli.h"
#include "tests/clients/fake.h"
#include "tests/clients/support.h"

static const char *token_file(const char *text, mode_t mode)
{
    const char *path = scratch("token");
    put_file(path, text, strlen(text), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

void token_comes_from_options_then_file_then_environment(void **state)
{
    (void)state;
    char token[FFC_TOKEN_MAX], why[FFC_WHY_MAX];
    struct ffc_options o = {.token = "given",
                            .token_file = token_file("kept\nmore\n", 0600)};
    assert_int_equal(setenv("FFD_TOKEN", "around", 1), 0);
    assert_int_equal(ffc_token_find(&o, token, why), FFC_OK);
    assert_string_equal(token, "given");
    o.token = NULL;
    assert_int_equal(ffc_token_find(&o, token, why), FFC_OK);
    assert_string_equal(token, "kept");
    o.token_file = NULL;
    assert_int_equal(ffc_token_find(&o, token, why), FFC_OK);
    assert_string_equal(token, "around");
    assert_int_equal(unsetenv("FFD_TOKEN"), 0);
    assert_int_equal(ffc_token_find(NULL, token, why), FFC_OK);
    assert_string_equal(token, "");
}

void token_file_of_others_is_refused(void **state)
{
    (void)state;
    char token[FFC_TOKEN_MAX], why[FFC_WHY_MAX];
    struct ffc_options o = {.token_file = token_file("kept\n", 0644)};
    assert_int_equal(ffc_token_find(&o, token, why), FFC_EARGUMENT);
    assert_non_null(strstr(why, "chmod 600"));
    o.token_file = token_file("\n", 0600);
    assert_int_equal(ffc_token_find(&o, token, why), FFC_EARGUMENT);
    assert_non_null(strstr(why, "empty"));
    o.token_file = scratch("no-such-file");
    assert_int_equal(ffc_token_find(&o, token, why), FFC_EARGUMENT);
}

void token_is_shown_before_anything_else(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("-s", f.address, "--token-file",
                         token_file("good\n", 0600), "ping", NULL),
                     EXIT_DONE);
    assert_string_equal(f.token, "good");
    assert_false(f.early);
    fake_stop(&f);
}

void token_that_is_refused_opens_nothing(void **state)
{
    (void)state;
    struct fake f = {0};
    fake_start(&f);
    assert_int_equal(run("-s", f.address, "--token-file",
                         token_file("bad\n", 0600), "ping", NULL),
                     EXIT_REFUSED);
    assert_non_null(strstr(ran_err, "BAD_TOKEN"));
    assert_false(f.early);
    fake_stop(&f);
}

/* A port of this machine on which nobody says a word. */
static int silent_port(char address[64], const char *kind)
{
    struct sockaddr_in sa = {.sin_family = AF_INET};
    socklen_t n = sizeof sa;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof sa), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
    snprintf(address, 64, "%s:127.0.0.1:%d", kind, ntohs(sa.sin_port));
    return fd;
}

void tls_to_a_plain_peer_is_no_connection(void **state)
{
    (void)state;
    char address[64], why[FFC_WHY_MAX];
    struct ffc *c = NULL;
    int fd = silent_port(address, "tls");
    struct ffc_options o = {.address = address, .connect_timeout_ms = 20};
    assert_int_equal(ffc_open(&c, &o, why), FFC_ECONNECT);
    assert_non_null(strstr(why, "did not finish the TLS handshake"));
    assert_null(c);
    close(fd);
}

void tls_files_that_are_missing_are_named(void **state)
{
    (void)state;
    char address[64];
    int fd = silent_port(address, "tls");
    assert_int_equal(run("-s", address, "--ca", "/no/such/ca", "ping", NULL),
                     EXIT_INPUT);
    assert_non_null(strstr(ran_err, "the CA file /no/such/ca"));
    assert_int_equal(run("-s", address, "--cert", "/c", "ping", NULL),
                     EXIT_INPUT);
    assert_non_null(strstr(ran_err, "go together"));
    close(fd);
}

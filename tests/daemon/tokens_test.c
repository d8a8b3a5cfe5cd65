#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/peer.h"
#include "daemon/tokens.h"
#include "tests/daemon/support.h"

#define SALT  "000102030405060708090a0b0c0d0e0f"
#define TOKEN "0123456789abcdef0123456789abcdef"
/* printf %s%s SALT TOKEN | sha256sum */
#define HASH "547ff58962e9ffb5fca6297d0a2cf0f95c54807b705e577dff6beba0d85412ee"

static struct ffd_tokens parsed(const char *text)
{
    struct ffd_tokens t;
    char why[FFD_CONFIG_WHY_MAX] = "";

    if (ffd_tokens_parse(&t, "tokens", text, strlen(text), why) < 0)
        fail_msg("%s", why);
    return t;
}

static void refused(const char *text, const char *sentence)
{
    struct ffd_tokens t;
    char why[FFD_CONFIG_WHY_MAX] = "";

    assert_int_equal(ffd_tokens_parse(&t, "tokens", text, strlen(text), why),
                     -1);
    assert_string_equal(why, sentence);
    assert_null(t.at);
}

void tokens_are_read_whatever_their_spacing(void **state)
{
    struct ffd_tokens t = parsed("# cameras\n"
                                 "\n"
                                 "feed:" SALT ":" HASH "\r\n"
                                 "   \n"
                                 "query:" SALT ":" HASH "  \n"
                                 "admin:" SALT ":" HASH);

    (void)state;
    assert_int_equal(t.n, 3);
    assert_int_equal(t.at[0].role, FFP_ROLE_FEED);
    assert_int_equal(t.at[1].role, FFP_ROLE_QUERY);
    assert_int_equal(t.at[2].role, FFP_ROLE_ADMIN);
    assert_int_equal(t.at[2].line, 6);
    ffd_tokens_release(&t);
    t = parsed("");
    assert_int_equal(t.n, 0);
    assert_null(ffd_tokens_find(&t, TOKEN, strlen(TOKEN)));
    ffd_tokens_release(&t);
}

void tokens_that_are_none_are_refused_with_their_line(void **state)
{
    static const char form[] =
        "must be role:salt:hash, as ffd --new-token prints it";
    static const char *const bad[] = {
        TOKEN,
        "feed",
        "feed::",
        "feed:" SALT ":" TOKEN,
        "feed:" SALT "0:" HASH,
        "feed:" SALT ":" HASH "0",
        "feed:" SALT "-" HASH,
        "feed:000102030405060708090A0B0C0D0E0F:" HASH,
        " feed:" SALT ":" HASH "x"};
    char line[256];

    (void)state;
    snprintf(line, sizeof(line), "tokens:2: %s", form);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        char text[256];

        snprintf(text, sizeof(text), "#\n%s\n", bad[i]);
        refused(text, line);
    }
    refused("none:" SALT ":" HASH,
            "tokens:1: the role must be query, feed or admin");
    refused("feed:" SALT ":" HASH "\nroot:" SALT ":" HASH,
            "tokens:2: the role must be query, feed or admin");
}

/* A file in a directory of its own, with a mode. */
static void with_file(const char *text, mode_t mode,
                      void (*look)(const char *path))
{
    char dir[] = "/tmp/ffd-test-XXXXXX", path[64];
    FILE *f;

    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/tokens", dir);
    f = fopen(path, "we");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
    look(path);
    unlink(path);
    rmdir(dir);
}

static void is_taken(const char *path)
{
    struct ffd_tokens t;
    char why[FFD_CONFIG_WHY_MAX] = "";

    if (ffd_tokens_load(&t, path, why) < 0)
        fail_msg("%s", why);
    assert_int_equal(t.n, 1);
    ffd_tokens_release(&t);
}

static void is_open_to_others(const char *path)
{
    struct ffd_tokens t;
    char why[FFD_CONFIG_WHY_MAX] = "", mend[128];

    assert_int_equal(ffd_tokens_load(&t, path, why), -1);
    snprintf(mend, sizeof(mend), "mend it with: chmod 640 %s", path);
    assert_non_null(strstr(why, mend));
}

void tokens_file_of_others_is_refused(void **state)
{
    static const char text[] = "feed:" SALT ":" HASH "\n";
    struct ffd_tokens t;
    char why[FFD_CONFIG_WHY_MAX];

    (void)state;
    with_file(text, 0640, is_taken);
    with_file(text, 0600, is_taken);
    with_file(text, 0644, is_open_to_others);
    with_file(text, 0602, is_open_to_others);
    with_file(text, 0660, is_open_to_others);
    assert_int_equal(ffd_tokens_load(&t, "/no/such/file", why), -1);
    assert_string_equal(why, "tokens: cannot read /no/such/file: No such file "
                             "or directory");
    assert_int_equal(ffd_tokens_load(&t, "/dev", why), -1);
    assert_non_null(strstr(why, "must be a file"));
}

void token_is_found_on_any_line(void **state)
{
    char token[5][FFD_TOKEN_CHARS + 1], text[5 * FFD_TOKEN_LINE_MAX] = "";
    struct ffd_tokens t;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        char line[FFD_TOKEN_LINE_MAX];

        assert_int_equal(ffd_token_new(i == 3 ? FFP_ROLE_ADMIN : FFP_ROLE_FEED,
                                       token[i], line),
                         0);
        assert_int_equal(strlen(token[i]), FFD_TOKEN_CHARS);
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", line);
    }
    t = parsed(text);
    for (size_t i = 0; i < 5; i++) {
        const struct ffd_token *found =
            ffd_tokens_find(&t, token[i], FFD_TOKEN_CHARS);

        assert_ptr_equal(found, &t.at[i]);
        assert_true(ffd_tokens_hold(&t, found));
    }
    assert_int_equal(t.at[3].role, FFP_ROLE_ADMIN);
    ffd_tokens_release(&t);
}

void token_that_differs_in_one_digit_is_none(void **state)
{
    char token[FFD_TOKEN_CHARS + 1], line[FFD_TOKEN_LINE_MAX];
    struct ffd_tokens t;

    (void)state;
    assert_int_equal(ffd_token_new(FFP_ROLE_QUERY, token, line), 0);
    t = parsed(line);
    for (size_t i = 0; i < FFD_TOKEN_CHARS; i++) {
        token[i] ^= 1;
        assert_null(ffd_tokens_find(&t, token, FFD_TOKEN_CHARS));
        token[i] ^= 1;
    }
    assert_null(ffd_tokens_find(&t, token, FFD_TOKEN_CHARS - 1));
    assert_null(ffd_tokens_find(&t, NULL, 0));
    assert_non_null(ffd_tokens_find(&t, token, FFD_TOKEN_CHARS));
    ffd_tokens_release(&t);
}

void token_can_be_hashed_by_hand(void **state)
{
    struct ffd_tokens t = parsed("admin:" SALT ":" HASH);

    (void)state;
    assert_non_null(ffd_tokens_find(&t, TOKEN, strlen(TOKEN)));
    ffd_tokens_release(&t);
}

void tokens_of_random_bytes_are_refused_or_read(void **state)
{
    static const char line[] = "feed:" SALT ":" HASH "\nadmin:" SALT ":" HASH;
    unsigned seed = 1;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        struct ffd_tokens t;
        char text[sizeof(line)], why[FFD_CONFIG_WHY_MAX];

        memcpy(text, line, sizeof(line));
        for (int k = 0; k < 2; k++)
            text[(size_t)rand_r(&seed) % sizeof(line)] = (char)rand_r(&seed);
        if (ffd_tokens_parse(&t, "tokens", text,
                             (size_t)rand_r(&seed) % sizeof(line), why) == 0)
            ffd_tokens_release(&t);
    }
}

void admins_are_root_itself_and_those_named(void **state)
{
    struct ffd_config c;
    const gid_t groups[] = {40, 41};
    struct ffd_peer p = {.known = true, .uid = 1000, .gid = 50};

    (void)state;
    ffd_config_init(&c);
    assert_true(ffd_peer_is_admin(&p, 7, groups, 2, &c));
    c.admins_given = true;
    assert_false(ffd_peer_is_admin(&p, 7, groups, 2, &c));
    assert_true(ffd_peer_is_admin(&p, 1000, groups, 2, &c));
    c.n_admins = 1;
    c.admins[0] = (struct ffd_admin){false, 1000};
    assert_true(ffd_peer_is_admin(&p, 7, NULL, 0, &c));
    c.admins[0] = (struct ffd_admin){true, 1000};
    assert_false(ffd_peer_is_admin(&p, 7, groups, 2, &c));
    c.admins[0] = (struct ffd_admin){true, 41};
    assert_true(ffd_peer_is_admin(&p, 7, groups, 2, &c));
    assert_false(ffd_peer_is_admin(&p, 7, groups, 1, &c));
    c.admins[0] = (struct ffd_admin){true, 50};
    assert_true(ffd_peer_is_admin(&p, 7, NULL, 0, &c));
    p.uid = 0;
    p.gid = 0;
    assert_true(ffd_peer_is_admin(&p, 7, NULL, 0, &c));
    p.known = false;
    assert_false(ffd_peer_is_admin(&p, 7, NULL, 0, &c));
    ffd_config_release(&c);
}

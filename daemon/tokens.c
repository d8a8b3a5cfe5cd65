#include "daemon/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define HASH_CHARS ((size_t)2 * FFD_TOKEN_HASH)

static const char hex[] = "0123456789abcdef";

void ffd_tokens_release(struct ffd_tokens *t)
{
    free(t->at);
    t->at = NULL;
    t->n = 0;
}

static int hash(EVP_MD_CTX *ctx, const char *salt, const char *token,
                uint8_t out[FFD_TOKEN_HASH])
{
    return EVP_DigestInit_ex(ctx, NULL, NULL) == 1 &&
                   EVP_DigestUpdate(ctx, salt, FFD_TOKEN_CHARS) == 1 &&
                   EVP_DigestUpdate(ctx, token, FFD_TOKEN_CHARS) == 1 &&
                   EVP_DigestFinal_ex(ctx, out, NULL) == 1
               ? 0
               : -1;
}

/* A context that hash() may use again and again; NULL without memory. */
static EVP_MD_CTX *hash_begin(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1)
        return ctx;
    EVP_MD_CTX_free(ctx);
    return NULL;
}

/* ---- the file ------------------------------------------------------------ */

static bool is_hex(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (at[i] == '\0' || !strchr(hex, at[i]))
            return false;
    }
    return true;
}

static uint8_t digit(char c)
{
    return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* role:salt:hash. 0, or -1 and what is wrong, without the line's content: it
   may be a token that was put there by mistake. */
static int parse_line(struct ffd_token *out, const char *at, size_t n,
                      const char **wrong)
{
    const char *colon = memchr(at, ':', n);
    size_t name = colon ? (size_t)(colon - at) : n;
    const char *salt = at + name + 1, *digest = salt + FFD_TOKEN_CHARS + 1;

    out->role = ffp_role_find(at, name);
    *wrong = "must be role:salt:hash, as ffd --new-token prints it";
    if (!colon || n != name + 1 + FFD_TOKEN_CHARS + 1 + HASH_CHARS)
        return -1;
    if (digest[-1] != ':' || !is_hex(salt, FFD_TOKEN_CHARS) ||
        !is_hex(digest, HASH_CHARS))
        return -1;
    *wrong = "the role must be query, feed or admin";
    if (out->role == FFP_ROLES || out->role == FFP_ROLE_NONE)
        return -1;
    memcpy(out->salt, salt, FFD_TOKEN_CHARS);
    for (size_t i = 0; i < FFD_TOKEN_HASH; i++)
        out->hash[i] =
            (uint8_t)(digit(digest[2 * i]) << 4 | digit(digest[2 * i + 1]));
    return 0;
}

static int add(struct ffd_tokens *t, const struct ffd_token *token)
{
    struct ffd_token *at;

    if ((t->n & (t->n - 1)) == 0) { /* full: 0, 1, 2, 4, ... */
        at = realloc(t->at, (t->n ? 2 * t->n : 1) * sizeof(*at));
        if (!at)
            return -1;
        t->at = at;
    }
    t->at[t->n++] = *token;
    return 0;
}

int ffd_tokens_parse(struct ffd_tokens *t, const char *name, const char *text,
                     size_t n, char why[FFD_CONFIG_WHY_MAX])
{
    struct ffd_token token = {.line = 0};
    const char *wrong = NULL;

    memset(t, 0, sizeof(*t));
    for (size_t at = 0, length; at < n; at += length + 1) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t kept;

        length = end ? (size_t)(end - text) - at : n - at;
        token.line++;
        kept = length;
        while (kept > 0 && strchr(" \t\r", text[at + kept - 1]) &&
               text[at + kept - 1] != '\0')
            kept--;
        if (kept == 0 || text[at] == '#')
            continue;
        if (parse_line(&token, text + at, kept, &wrong) < 0)
            break;
        if (t->n == FFD_TOKENS_MAX)
            wrong = "there are more than 1000 tokens";
        else if (add(t, &token) < 0)
            wrong = "out of memory";
        else
            wrong = NULL;
        if (wrong)
            break;
    }
    if (!wrong)
        return 0;
    snprintf(why, FFD_CONFIG_WHY_MAX, "%.200s:%u: %s", name, token.line, wrong);
    ffd_tokens_release(t);
    return -1;
}

static int check_mode(const char *path, int fd, size_t *size,
                      char why[FFD_CONFIG_WHY_MAX])
{
    struct stat st;

    if (fstat(fd, &st) < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "tokens: %.200s: %s", path,
                 strerror(errno));
        return -1;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > (off_t)FFD_TOKEN_FILE_MAX) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "tokens: %.200s must be a file of at most 4 MiB", path);
        return -1;
    }
    if (st.st_mode & (S_IRWXO | S_IWGRP)) {
        snprintf(why, FFD_CONFIG_WHY_MAX,
                 "tokens: %.200s may be read or written by others (mode %04o); "
                 "mend it with: chmod 640 %.200s",
                 path, (unsigned)st.st_mode & 07777u, path);
        return -1;
    }
    *size = (size_t)st.st_size;
    return 0;
}

int ffd_tokens_load(struct ffd_tokens *t, const char *path,
                    char why[FFD_CONFIG_WHY_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc = -1;
    const char *slash = strrchr(path, '/');
    char *text = NULL;
    size_t size = 0;

    memset(t, 0, sizeof(*t));
    if (fd < 0) {
        snprintf(why, FFD_CONFIG_WHY_MAX, "tokens: cannot read %.200s: %s",
                 path, strerror(errno));
        return -1;
    }
    if (check_mode(path, fd, &size, why) == 0) {
        text = malloc(size ? size : 1);
        if (!text || read(fd, text, size) != (ssize_t)size)
            snprintf(why, FFD_CONFIG_WHY_MAX,
                     "tokens: %.200s could not be read whole", path);
        else
            rc = ffd_tokens_parse(t, slash ? slash + 1 : path, text, size, why);
    }
    free(text);
    close(fd);
    return rc;
}

/* ---- tokens ---------------------------------------------------------------
 */

const struct ffd_token *ffd_tokens_find(const struct ffd_tokens *t,
                                        const char *token, size_t n)
{
    const struct ffd_token *found = NULL;
    EVP_MD_CTX *ctx;
    uint8_t is[FFD_TOKEN_HASH];

    if (n != FFD_TOKEN_CHARS) /* every token's length: no secret */
        return NULL;
    ctx = hash_begin();
    for (size_t i = 0; ctx && i < t->n; i++) {
        const struct ffd_token *line = &t->at[i];

        /* All lines, also after the right one. */
        if (hash(ctx, line->salt, token, is) == 0 &&
            CRYPTO_memcmp(is, line->hash, sizeof(is)) == 0)
            found = line;
    }
    EVP_MD_CTX_free(ctx);
    OPENSSL_cleanse(is, sizeof(is));
    return found;
}

bool ffd_tokens_hold(const struct ffd_tokens *t, const struct ffd_token *token)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct ffd_token *line = &t->at[i];

        if (line->role == token->role &&
            memcmp(line->salt, token->salt, sizeof(line->salt)) == 0 &&
            memcmp(line->hash, token->hash, sizeof(line->hash)) == 0)
            return true;
    }
    return false;
}

static void to_hex(char *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = hex[bytes[i] >> 4];
        out[2 * i + 1] = hex[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

int ffd_token_new(enum ffp_role role, char token[FFD_TOKEN_CHARS + 1],
                  char line[FFD_TOKEN_LINE_MAX])
{
    uint8_t bits[FFD_TOKEN_CHARS], digest[FFD_TOKEN_HASH]; /* token, salt */
    char salt[FFD_TOKEN_CHARS + 1], text[HASH_CHARS + 1];
    EVP_MD_CTX *ctx = hash_begin();
    int rc = -1;

    if (ctx && getrandom(bits, sizeof(bits), 0) == (ssize_t)sizeof(bits)) {
        to_hex(token, bits, FFD_TOKEN_CHARS / 2);
        to_hex(salt, bits + FFD_TOKEN_CHARS / 2, FFD_TOKEN_CHARS / 2);
        rc = hash(ctx, salt, token, digest);
    }
    if (rc == 0) {
        to_hex(text, digest, sizeof(digest));
        snprintf(line, FFD_TOKEN_LINE_MAX, "%s:%s:%s", ffp_role_name(role),
                 salt, text);
    }
    EVP_MD_CTX_free(ctx);
    OPENSSL_cleanse(bits, sizeof(bits));
    return rc;
}

/*
 * tokens.h -- the file of tokens: who has shown what may do what.
 *
 * One token a line, `role:salt:hash`; blank lines and those that begin with #
 * say nothing. role is query, feed or admin; salt is 32 and hash 64 hex
 * digits, in lower case. A token is 32 hex digits, 128 random bits, and
 *
 *     hash = SHA-256(salt, token)      both as they are written
 *
 * One round is enough: what is hashed cannot be guessed, and the salt keeps
 * two files from being compared. Looking a token up hashes it with every salt
 * and compares every hash in constant time, so an answer's delay tells nobody
 * which line was near.
 *
 * The file must be a regular one that others may neither read nor write, and
 * its group not write.
 */
#ifndef FFD_TOKENS_H
#define FFD_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "proto/method.h"

#define FFD_TOKEN_CHARS    32
#define FFD_TOKEN_HASH     32                        /* bytes of SHA-256 */
#define FFD_TOKEN_LINE_MAX 128                       /* with terminator */
#define FFD_TOKENS_MAX     1000                      /* lookup: below 1 ms */
#define FFD_TOKEN_FILE_MAX ((size_t)4 * 1024 * 1024) /* bytes */

struct ffd_token {
    enum ffp_role role;
    unsigned line; /* of the file; for the log */
    char salt[FFD_TOKEN_CHARS];
    uint8_t hash[FFD_TOKEN_HASH];
};

struct ffd_tokens {
    struct ffd_token *at; /* (n) owned */
    size_t n;
};

void ffd_tokens_release(struct ffd_tokens *t);

/* Read a file, or its text. 0 and tokens to release; -1, none, and why. */
int ffd_tokens_load(struct ffd_tokens *t, const char *path,
                    char why[FFD_CONFIG_WHY_MAX]);
int ffd_tokens_parse(struct ffd_tokens *t, const char *name, const char *text,
                     size_t n, char why[FFD_CONFIG_WHY_MAX]);

/* The line of a token (n bytes, from a peer); borrowed; NULL if it is none. */
const struct ffd_token *ffd_tokens_find(const struct ffd_tokens *t,
                                        const char *token, size_t n);

/* Whether the same line, with the same role, is there. */
bool ffd_tokens_hold(const struct ffd_tokens *t, const struct ffd_token *token);

/* A new token, and its line without a newline. 0, or -1 without random bits. */
int ffd_token_new(enum ffp_role role, char token[FFD_TOKEN_CHARS + 1],
                  char line[FFD_TOKEN_LINE_MAX]);

#endif

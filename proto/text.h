/*
 * text.h -- text that is borrowed from a message: a pointer and a length, with
 * no terminator.
 */
#ifndef FFP_TEXT_H
#define FFP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct ffp_str {
    const char *at; /* NULL: there is none (nil) */
    size_t n;
};

bool ffp_str_is(struct ffp_str s, const char *word);

/* Well-formed UTF-8 (RFC 3629) without NUL. A label that is not would break
   every client that decodes it. */
bool ffp_text_valid(const char *at, size_t n);

/* Make terminated text such: each byte that is of no character becomes '?'. For
   sentences that quote what somebody wrote, where a cut may fall inside a
   character. */
void ffp_text_mend(char *text);

/* [a-z0-9_-]{1,64}: nothing that could become a path. */
bool ffp_model_name_valid(const char *at, size_t n);

/* The same, but not digits alone: those are a snapshot's record. */
bool ffp_snapshot_name_valid(const char *at, size_t n);

#define FFP_QUOTE_MAX 48

/* What a peer sent, fit for a sentence or a log: cut, and every byte that is
   not printable ASCII a '?'. Terminated; returns out. */
const char *ffp_quote(char out[FFP_QUOTE_MAX], const char *at, size_t n);

#endif

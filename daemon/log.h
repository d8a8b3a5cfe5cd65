/*
 * log.h -- one line a fact, to standard error.
 *
 * When standard error is the journal (JOURNAL_STREAM names it) each line
 * begins with its priority, "<4>", and the journal adds the time; otherwise
 * with the time and the level in words. What may happen a thousand times a
 * second goes through ffd_log_some: at most one line a second and a key, and
 * the next line says how many were swallowed.
 *
 * Any thread may call ffd_log; ffd_log_some belongs to the loop's.
 */
#ifndef FFD_LOG_H
#define FFD_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ffd_log_level {
    FFD_LOG_ERROR,
    FFD_LOG_WARNING,
    FFD_LOG_NOTICE,
    FFD_LOG_INFO,
    FFD_LOG_DEBUG
};

#define FFD_LOG_LINE_MAX 1024

/* Find out where standard error goes. */
void ffd_log_init(void);

/* Lines above this level are not written; FFD_LOG_INFO at first. */
void ffd_log_set_level(enum ffd_log_level level);

void ffd_log(enum ffd_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As ffd_log, at most once a second for the same key (borrowed). */
void ffd_log_some(enum ffd_log_level level, const char *key, uint64_t now_ms,
                  const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * The rule behind ffd_log_some, without the writing: whether a line of this
 * key may be written now, and how many were swallowed since the last one.
 * Keys share a small table: two that fall in one place share their allowance.
 */
struct ffd_log_limit {
    struct ffd_log_slot {
        uint64_t key;
        uint64_t until_ms; /* 0: free */
        uint64_t swallowed;
    } slot[64];
};

bool ffd_log_limit_pass(struct ffd_log_limit *l, const char *key,
                        uint64_t now_ms, uint64_t *swallowed);

#endif

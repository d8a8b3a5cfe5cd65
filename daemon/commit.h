/*
 * commit.h -- when records reach the disk: group commit, beside everything
 * else.
 *
 * What the loop and items of work record (record.h) is handed over here, and an
 * item on the pool, one at a time, writes all that waits in one transaction: at
 * most 100 ms later, at once when `durability: full` and somebody waits for
 * it, when a snapshot waits, or when the daemon stops. Tickets of requests with
 * `ack: durable` are answered then.
 *
 * While the disk refuses (full, failing, read-only), what was recorded is kept
 * and tried again every second; models neither learn nor sleep meanwhile, so
 * that nothing is learned that could not be learned again; questions are
 * answered; requests for a durable acknowledgement are refused at once. When
 * the disk takes it, all goes on.
 */
#ifndef FFD_COMMIT_H
#define FFD_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffd_daemon;
struct ffd_model;

/* Whether the journal has a model's records up to this one; true of every
   record with durability: off. A snapshot takes its name only then. */
bool ffd_commit_holds(const struct ffd_model *m, uint64_t record);

/* Somebody waits for what was recorded: do not wait 100 ms. */
void ffd_commit_hurry(struct ffd_daemon *d);

#endif

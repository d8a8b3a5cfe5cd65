/*
 * ticket.h -- settling what a request to learn is owed.
 *
 * Each frame of a ticket is settled once: learned, dropped by overload, or
 * failed. The last one answers the request and frees its place.
 */
#ifndef FFD_TICKET_H
#define FFD_TICKET_H

#include <stddef.h>
#include <stdint.h>

struct ffd_daemon;
struct ffd_model;
struct ffd_outcome;
struct ffd_ticket;

void ffd_ticket_learned(struct ffd_model *m, struct ffd_ticket *t,
                        const struct ffd_outcome *o, uint64_t now_us);

/* All is settled, and on the disk if that was asked for: answer, and free. */
void ffd_ticket_answer(struct ffd_daemon *d, struct ffd_ticket *t);

/* n of its frames were dropped. */
void ffd_ticket_dropped(struct ffd_model *m, struct ffd_ticket *t, size_t n);

/* Only n of its frames came in, and no more will. */
void ffd_ticket_cut(struct ffd_model *m, struct ffd_ticket *t, size_t n);

/* All frames of a request with ack: received are in. */
void ffd_ticket_received(struct ffd_model *m, uint64_t conn, uint32_t msgid,
                         uint64_t first_id, size_t n, size_t dropped,
                         int batch);

#endif

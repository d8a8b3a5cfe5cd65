/*
 * intake.h -- frames of one learn or learn_batch on their way into an inbox.
 *
 *   SCAN    every value is finite        a batch with a NaN is refused whole,
 *   LABELS  all new labels fit             before anything of it is taken or
 *                                          any label is bound; where values
 *                                          may be missing there is no SCAN
 *   ADMIT   one copy each into the inbox, by the model's overload policy
 *
 * A step does a bounded amount of it and says whether more is to be done, so
 * that a large batch takes several turns of the loop. With `overload: block`
 * a step that finds no room says so, and goes on where it stopped when there
 * is some. Intakes of one model run one after the other, in order of arrival.
 * A label that comes late takes the same road, so that it keeps its place among
 * what its connection sent; its row holds no frame.
 *
 * What the inbox takes goes to the model's followers as well (follow.h).
 */
#ifndef FFD_INTAKE_H
#define FFD_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ffd_daemon;
struct ffd_model;
struct ffp_error;
struct ffd_ticket;
struct ffd_label_set;
struct ffp_request;

enum ffd_intake_step {
    FFD_INTAKE_DONE,   /* all taken, or refused and answered */
    FFD_INTAKE_AGAIN,  /* the budget is used up */
    FFD_INTAKE_NO_ROOM /* the inbox is full */
};

enum ffd_intake_stage { FFD_STAGE_SCAN, FFD_STAGE_LABELS, FFD_STAGE_ADMIT };

struct ffd_intake {
    struct ffd_model *model;
    const struct ffp_request *request; /* borrowed */
    uint64_t conn, since_us;
    enum ffd_intake_stage stage;
    size_t n, next;            /* frames; the first not yet done in the stage */
    struct ffd_ticket *ticket; /* borrowed; whom to answer, from ADMIT on */
    bool late; /* a label for a frame that came before: no frame, no new id */
    uint64_t stream; /* key of all, where each has not its own */
    uint64_t first_id;
    size_t dropped, room;
    struct ffd_label_set *fresh; /* owned; labels that have no class yet */
};

/* What one turn may do for intakes, in bytes. */
#define FFD_INTAKE_BUDGET ((size_t)256 * 1024)

/* Whether the acknowledgement that is asked for can be promised now; looked at
   when the request comes, since it may have to wait in a long line, and again
   before it takes a place. */
bool ffd_intake_can_promise(const struct ffd_daemon *d,
                            const struct ffp_request *r, struct ffp_error *err);

/* The frames have been checked against the model; there are n. */
void ffd_intake_init(struct ffd_intake *in, struct ffd_model *m,
                     const struct ffp_request *request, uint64_t conn, size_t n,
                     uint64_t since_us);
void ffd_intake_release(struct ffd_intake *in);

/* The same request at another address: a call holds it now. */
void ffd_intake_move(struct ffd_intake *to, struct ffd_intake *from,
                     const struct ffp_request *request);

enum ffd_intake_step ffd_intake_run(struct ffd_intake *in, size_t *budget);

/* Let the model's waiting calls go on as far as room and budget allow. */
void ffd_intake_run_waiting(struct ffd_model *m, size_t *budget);

#endif

/*
 * turn.h -- a turn of the loop: what is done at its end, and how long it took.
 *
 * At the end of a turn batons and questions are sent to the pool, who fell
 * asleep is told, memory is looked at, and answers are written; all that
 * arrived in one read goes together. Work that was cut in slices goes on in the
 * next turn.
 *
 * The lag of the loop is measured as the time that a turn was busy, from one
 * poll to the next: a frame that arrives in the worst moment waits for so
 * long. libuv counts the time it spent waiting (UV_METRICS_IDLE_TIME), and the
 * rest is ours. No timer is needed, so an idle daemon stays asleep.
 */
#ifndef FFD_TURN_H
#define FFD_TURN_H

#include <stdint.h>
#include <uv.h>

struct ffd_daemon;

struct ffd_turn {
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t idle; /* active while slices wait */
    uint64_t began_ns, idle_ns;
    uint64_t message_ns; /* that messages have had of this turn */
};

int ffd_turn_start(struct ffd_daemon *d);
void ffd_turn_stop(struct ffd_daemon *d);

#endif

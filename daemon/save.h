/*
 * save.h -- a model's bytes on their way to disk, beside everything else.
 *
 * The bytes were made under the baton; the file is written by an item of its
 * own, at most two at a time in the whole daemon, so that slow disks do not
 * take the threads that questions need. The item also removes what the policy
 * lets go (version.h).
 *
 * A snapshot may take its name only when the journal holds its record
 * (commit.h): recovery goes on from the snapshot with the records after it, and
 * must not find one that tells of what never reached the journal. Until then it
 * waits, and others overtake it.
 */
#ifndef FFD_SAVE_H
#define FFD_SAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/config.h"
#include "daemon/version.h"

#define FFD_WRITERS 2

struct ffd_daemon;
struct ffd_model;

struct ffd_save {
    uv_work_t req; /* data: the model */
    bool busy;     /* written, or waiting for its turn */
    struct ffd_model *next;
    uint8_t *bytes; /* owned */
    size_t n;
    uint64_t seq, step;
    uint64_t unsaved; /* the model's, when the bytes were made */
    struct ffd_version version;
    struct ffd_version_policy policy;
    char dir[FFD_PATH_MAX];
    char path[FFD_PATH_MAX];
    const char *spec_text; /* borrowed from the model; NULL: no spec to write */
    size_t spec_bytes;
    int rc; /* 0; 1: another snapshot has the name; -1: why */
    char hash[33];
    char why[FFD_CONFIG_WHY_MAX];
    bool creating; /* the answer is create_model's */
    bool forgets;  /* no older snapshot may be left; */
    size_t forgot; /* so many went */
    bool asked;
    uint64_t conn;
    uint32_t msgid;
};

struct ffd_writers {
    unsigned running;
    struct ffd_model *head, *tail; /* wait for their turn, or the journal */
};

/* What is on the disk of a model, as the loop knows it. */
struct ffd_saved {
    uint64_t at_ms; /* when it was last saved, or that was tried */
    char version[FFD_VERSION_NAME_MAX + 1];   /* the newest; "": none */
    char recovered[FFD_VERSION_NAME_MAX + 1]; /* what this start found */
    uint64_t quarantined;                     /* damaged, at this start */
};

/* m->save is filled in; write it when its turn comes, then answer. */
void ffd_save_start(struct ffd_model *m);

/* The journal may hold more by now, or a model goes: start what may be
   written, end what need not be. */
void ffd_save_look(struct ffd_daemon *d);

/* The daemon stops, and the journal took too long: what waits for it fails. */
void ffd_save_give_up(struct ffd_daemon *d);

#endif

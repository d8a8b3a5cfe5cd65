/*
 * save.h -- a model's bytes on their way to disk, beside everything else.
 *
 * The bytes were made under the baton; the file is written by an item of its
 * own, at most two at a time in the whole daemon, so that slow disks do not
 * take the threads that questions need.
 */
#ifndef FFD_SAVE_H
#define FFD_SAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "daemon/config.h"

#define FFD_WRITERS 2

struct ffd_daemon;
struct ffd_model;

struct ffd_save {
    uv_work_t req; /* data: the model */
    bool busy;     /* written, or waiting for its turn */
    struct ffd_model *next;
    uint8_t *bytes; /* owned */
    size_t n;
    uint64_t seq, step, record;
    uint64_t unsaved; /* the model's, when the bytes were made */
    char path[FFD_PATH_MAX];
    char spec_path[FFD_PATH_MAX]; /* or empty: no spec to write */
    const char *spec_text;        /* borrowed from the model */
    size_t spec_bytes;
    int rc;
    char hash[33];
    char why[FFD_CONFIG_WHY_MAX];
    bool creating; /* the answer is create_model's */
    bool forgets;  /* a label was: older snapshots are removed, see hand.h */
    bool asked;
    uint64_t conn;
    uint32_t msgid;
};

struct ffd_writers {
    unsigned running;
    struct ffd_model *head, *tail; /* wait for their turn */
};

/* The journal has more than it had: start what waited for that. */
void ffd_save_look(struct ffd_daemon *d);

/* m->save is filled in; write it when its turn comes, then answer. */
void ffd_save_start(struct ffd_model *m);

#endif

/*
 * config.h -- the configuration: a YAML file, read once into plain structs.
 *
 * The file is validated whole before anything of it is used, and a key that
 * nobody knows is an error, as are keys given twice. An error is one sentence
 * with its place: "config.yaml:14: layers[1].units: must be ...".
 *
 * The same code reads a model's own part, as create_model carries it ("spec:3:
 * ..."); JSON is YAML, so either will do.
 *
 * Every key is one row of a table (keys.h), which says where the value goes,
 * what it may be, and what a change in a running daemon means.
 */
#ifndef FFD_CONFIG_H
#define FFD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/log.h"
#include "lib/ff.h"
#include "proto/limits.h"

#define FFD_CONFIG_WHY_MAX   512
#define FFD_LISTEN_MAX       16
#define FFD_ADDRESS_MAX      160
#define FFD_PATH_MAX         1024
#define FFD_ADMINS_MAX       64
#define FFD_STATE_MAX        (FFD_PATH_MAX - 256) /* leaves room for names */
#define FFD_CONFIG_BYTES_MAX ((size_t)1 << 20)

enum ffd_overload {
    FFD_OVERLOAD_BLOCK,
    FFD_OVERLOAD_REJECT,
    FFD_OVERLOAD_DROP_OLDEST,
    FFD_OVERLOAD_SAMPLE
};

/* What stands under a model's name. */
struct ffd_model_config {
    struct ff_spec spec; /* checked */
    enum ffd_overload overload;
    uint64_t sample_keep; /* sample: one in so many is kept */
    uint64_t inbox;       /* frames that may wait; 0: by the frame's size */
    float novelty;        /* typicality that a frame is told of as novel; 0:
                             never */
    uint64_t quiet_ms;    /* without a request to learn, before it sleeps */
    char follows[FFP_MODEL_MAX + 1]; /* the model that feeds it, or "" */
};

struct ffd_named_model {
    char name[FFP_MODEL_MAX + 1];
    struct ffd_model_config config;
};

/* Whom `admins` names: a user, or everybody in a group. */
struct ffd_admin {
    bool is_group;
    unsigned id; /* uid_t or gid_t */
};

/* Paths, "" for none. */
struct ffd_tls_files {
    char certificate[FFD_PATH_MAX];
    char key[FFD_PATH_MAX];
    char client_ca[FFD_PATH_MAX];
};

/* What an acknowledgement is worth when the power fails. */
enum ffd_durability {
    FFD_DURABILITY_OFF,    /* no journal: snapshots alone */
    FFD_DURABILITY_NORMAL, /* written down in groups, every 100 ms */
    FFD_DURABILITY_FULL    /* at once, when somebody waits for it */
};

/* Which snapshots of a model stay; version.h says what is meant. */
struct ffd_version_policy {
    uint64_t keep, hourly, daily;
    uint64_t limit; /* bytes; 0: none */
};

struct ffd_config {
    char listen[FFD_LISTEN_MAX][FFD_ADDRESS_MAX];
    size_t listens;
    char http[FFD_ADDRESS_MAX]; /* tcp:HOST:PORT of the dashboard; "": off */
    bool http_given;            /* else it is the default */
    enum ffd_switch { FFD_OFF, FFD_ON } http_pictures;
    char state[FFD_PATH_MAX];
    enum ffd_durability durability;
    uint64_t journal_limit;             /* bytes */
    char journal_archive[FFD_PATH_MAX]; /* or "" */
    char digests[FFD_PATH_MAX];         /* or "" */
    enum ffd_log_level log;
    char tokens[FFD_PATH_MAX]; /* "": none */
    struct ffd_tls_files tls;
    struct ffd_admin admins[FFD_ADMINS_MAX];
    size_t n_admins;
    bool admins_given;     /* else all who can open the socket */
    uint64_t learners;     /* 0: as many as cores */
    uint64_t memory_limit; /* bytes */
    struct ffd_snapshots_config {
        uint64_t every_s; /* 0: never of itself */
        struct ffd_version_policy policy;
    } snapshots;
    struct ffd_named_model *models; /* (n_models) owned */
    size_t n_models;
};

void ffd_model_config_init(struct ffd_model_config *m);

void ffd_config_init(struct ffd_config *c);
void ffd_config_release(struct ffd_config *c);

/* Read a file into an initialised config. 0, or -1 and why; on an error the
   config is good for nothing but ffd_config_release. */
int ffd_config_load(struct ffd_config *c, const char *path,
                    char why[FFD_CONFIG_WHY_MAX]);

/* The same from text; name is what errors call it. */
int ffd_config_parse(struct ffd_config *c, const char *name, const char *text,
                     size_t n, char why[FFD_CONFIG_WHY_MAX]);

/* A model's own part from text. */
int ffd_model_config_parse(struct ffd_model_config *m, const char *name,
                           const char *text, size_t n,
                           char why[FFD_CONFIG_WHY_MAX]);

/*
 * Whether a running daemon can go on from old to new: no key differs that
 * needs a restart or a new model. If not, why names the first that does.
 */
bool ffd_config_can_reload(const struct ffd_config *old,
                           const struct ffd_config *new_,
                           char why[FFD_CONFIG_WHY_MAX]);

/* "unix:PATH", "tcp:HOST:PORT", where HOST is a loopback address, or
   "tls:HOST:PORT": 0, or -1 and a sentence. */
int ffd_address_check(const char *address, char why[FFD_CONFIG_WHY_MAX]);

/* Whether the configuration has what a checked address needs: certificate and
   key for tls:, and where other machines reach it, a way to tell peers apart.
   0, or -1 and a sentence. */
int ffd_address_guarded(const char *address, const struct ffd_config *c,
                        char why[FFD_CONFIG_WHY_MAX]);

/* Host and port of a "tcp:" or "tls:" address that has been checked. */
int ffd_address_split(const char *address, char host[64], int *port);

#endif

/*
 * keys.h -- the table of keys: one row each, in the file's sections.
 *
 * A row says where the value goes (offset into the section's struct), what it
 * may be, and what a change means while the daemon runs. Values with a shape
 * of their own (a list of layers, an input's shape) are read by config.c and
 * have FFD_KEY_OTHER here, so that the table is still complete.
 */
#ifndef FFD_KEYS_H
#define FFD_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/config.h"

#define FFD_FLOAT_MAX 1e30 /* as a limit: lib knows the true one */

enum ffd_key_kind {
    FFD_KEY_U64,
    FFD_KEY_SIZE,   /* size_t */
    FFD_KEY_INT,    /* int */
    FFD_KEY_FLOAT,  /* float */
    FFD_KEY_BYTES,  /* uint64_t; may end in KiB, MiB or GiB */
    FFD_KEY_CHOICE, /* an enum, by name */
    FFD_KEY_MODEL,  /* char[FFP_MODEL_MAX + 1]: a name, or "" */
    FFD_KEY_PATH,   /* char[FFD_PATH_MAX]: of a file, or "" */
    FFD_KEY_OTHER
};

enum ffd_key_change {
    FFD_CHANGE_RUNTIME, /* SIGHUP applies it */
    FFD_CHANGE_RESTART, /* structural: needs a restart of the daemon */
    FFD_CHANGE_MODEL    /* structural: needs a new model */
};

struct ffd_key {
    const char *name;
    enum ffd_key_kind kind;
    enum ffd_key_change change;
    size_t offset;
    double min, max;
    const char *const *choices; /* by the enum's value, NULL at the end */
    const char *word;           /* a word that stands for word_value */
    double word_value;
};

enum ffd_section {
    FFD_SECTION_TOP,       /* into struct ffd_config */
    FFD_SECTION_TLS,       /* likewise */
    FFD_SECTION_JOURNAL,   /* likewise */
    FFD_SECTION_SNAPSHOTS, /* likewise */
    FFD_SECTION_MODEL,     /* into struct ffd_model_config */
    FFD_SECTION_INPUT,
    FFD_SECTION_STREAM,
    FFD_SECTION_SLEEP,
    FFD_SECTION_LATE,
    FFD_SECTION_DRIFT,
    FFD_SECTIONS
};

/* The rows of a section, until one without a name. */
const struct ffd_key *ffd_keys(enum ffd_section section);

/* A row by name, or NULL. */
const struct ffd_key *ffd_key_find(enum ffd_section section, const char *name);

/* The word for the value of a key that is a choice. */
const char *ffd_key_word(enum ffd_section section, const char *name,
                         const void *base);

/* Whether the value of a key is the same in two structs of its section. */
bool ffd_key_same(const struct ffd_key *key, const void *a, const void *b);

#endif

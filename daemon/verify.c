#include "daemon/verify.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/epoch.h"
#include "daemon/journal.h"
#include "daemon/model_dir.h"
#include "daemon/recover_snapshot.h"
#include "daemon/snapshot_file.h"
#include "daemon/state_dir.h"
#include "proto/text.h"

struct verifying {
    const char *state;
    FILE *out;
    enum ffd_verdict verdict;
    char **names; /* owned; of models */
    size_t n;

    /* of the model that is looked at */
    const char *name;
    bool good;       /* one of its snapshots is: the newest such is of */
    uint64_t record; /* this record */
};

static void say(struct verifying *v, enum ffd_verdict verdict,
                const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(struct verifying *v, enum ffd_verdict verdict,
                const char *format, ...)
{
    static const char *const words[] = {[FFD_SOUND] = "",
                                        [FFD_DAMAGED] = "DAMAGED: ",
                                        [FFD_UNUSABLE] = "FATAL: "};
    va_list ap;

    if (verdict > v->verdict)
        v->verdict = verdict;
    if (v->name)
        fprintf(v->out, "model %s: ", v->name);
    fputs(words[verdict], v->out);
    va_start(ap, format);
    vfprintf(v->out, format, ap);
    va_end(ap);
    fputc('\n', v->out);
}

/* ---- which models there are -----------------------------------------------
 */

static int add_name(struct verifying *v, const char *name)
{
    char **more;

    for (size_t i = 0; i < v->n; i++) {
        if (strcmp(v->names[i], name) == 0)
            return 0;
    }
    more = realloc(v->names, (v->n + 1) * sizeof(*more));
    if (!more)
        return -1;
    v->names = more;
    more[v->n] = strdup(name);
    return more[v->n] ? (v->n++, 0) : -1;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Directories of models, and snapshots of the layout before them. */
static int add_files(struct verifying *v, const char *sub)
{
    char path[FFD_PATH_MAX], name[FFP_MODEL_MAX + 1];
    struct dirent *e;
    DIR *d;
    int rc = 0;

    ffd_path(path, "%s/%s", v->state, sub);
    d = ffd_dir_open(path);
    if (!d && errno == ENOENT && *sub)
        return 0; /* as after a first start that ended at once */
    if (!d) {
        say(v, FFD_UNUSABLE, "cannot read %s: %s", path, strerror(errno));
        return 0;
    }
    while (rc == 0 && (e = readdir(d))) {
        size_t n = strlen(e->d_name);

        if (*sub && ffp_model_name_valid(e->d_name, n))
            rc = add_name(v, e->d_name);
        else if (!*sub && ffd_state_is_flat(e->d_name, name))
            rc = add_name(v, name);
    }
    closedir(d);
    return rc;
}

static int add_journalled(struct verifying *v, const char *journal)
{
    char why[FFD_CONFIG_WHY_MAX], **names = NULL;
    size_t n = 0;
    int rc = 0;

    if (ffd_journal_models(journal, &names, &n, why) < 0)
        say(v, FFD_UNUSABLE, "the journal cannot be read: %s", why);
    for (size_t i = 0; i < n; i++) {
        if (rc == 0 && ffp_model_name_valid(names[i], strlen(names[i])))
            rc = add_name(v, names[i]);
        free(names[i]);
    }
    free(names);
    return rc;
}

/* ---- one of them -----------------------------------------------------------
 */

static void look_at_snapshot(struct verifying *v, const char *path)
{
    char why[FFD_CONFIG_WHY_MAX];
    struct ff_stats stats;
    struct ff_model *ff;
    uint64_t record;

    switch (ffd_snapshot_try(path, &ff, why)) {
    case FFD_SNAPSHOT_GOOD:
        ff_model_stats(ff, &stats);
        record = ff_model_record(ff);
        say(v, FFD_SOUND, "%s: good; record %" PRIu64 ", seq %" PRIu64, path,
            record, stats.seq);
        if (!v->good || record > v->record)
            v->record = record;
        v->good = true;
        ff_model_free(ff);
        break;
    case FFD_SNAPSHOT_DAMAGED:
        say(v, FFD_DAMAGED, "%s", why);
        break;
    case FFD_SNAPSHOT_GONE:
        say(v, FFD_DAMAGED, "%s: it went while the others were read", path);
        break;
    case FFD_SNAPSHOT_REFUSED: /* behind a good one a start does not look */
        say(v, v->good ? FFD_DAMAGED : FFD_UNUSABLE, "%s", why);
        break;
    }
}

static void look_at_snapshots(struct verifying *v, const char *dir)
{
    char why[FFD_CONFIG_WHY_MAX], path[FFD_PATH_MAX];
    struct ffd_version *list;
    size_t n;

    if (ffd_version_list(dir, &list, &n, why) < 0)
        say(v, FFD_UNUSABLE, "%s", why);
    for (size_t i = 0; i < n; i++) {
        ffd_model_dir_file(dir, &list[i], path);
        look_at_snapshot(v, path);
    }
    free(list);
    ffd_path(path, "%s/%s" FFD_VERSION_SUFFIX, v->state, v->name);
    if (access(path, F_OK) == 0)
        look_at_snapshot(v, path);
}

/* True if there is one, and a model can be made of it. */
static bool look_at_spec(struct verifying *v, const char *dir)
{
    char why[FFD_CONFIG_WHY_MAX], path[FFD_PATH_MAX];
    struct ffd_model_config config;
    uint8_t *bytes = NULL;
    size_t n = 0;
    int rc;

    ffd_path(path, "%s/" FFD_SPEC_FILE, dir);
    rc = ffd_file_read(path, &bytes, &n, why);
    ffd_model_config_init(&config);
    if (rc == 0)
        rc = ffd_model_config_parse(&config, path, (const char *)bytes, n, why);
    if (rc < 0)
        say(v, FFD_UNUSABLE, "%s", why);
    free(bytes);
    return rc == 0;
}

static int next_row(void *ctx, const struct ffd_journal_row *row)
{
    (void)ctx;
    (void)row; /* its hash and number have been looked at */
    return 0;
}

/* True if a model can be made of it alone. */
static bool look_at_journal(struct verifying *v, const char *journal)
{
    struct ffd_journal_found found;
    char why[FFD_CONFIG_WHY_MAX];

    if (ffd_journal_read(journal, v->name, v->good ? v->record : 0, next_row,
                         NULL, &found, why) < 0) {
        say(v, FFD_UNUSABLE, "the journal cannot be read: %s", why);
        return false;
    }
    say(v, FFD_SOUND, "journal: %" PRIu64 " records, up to %" PRIu64,
        found.rows, found.last);
    if (found.damaged)
        say(v, FFD_DAMAGED,
            "%s; a start goes on from record %" PRIu64
            ", and sets the journal aside",
            found.what, found.last);
    return found.rows > 0;
}

static void look_at_model(struct verifying *v, const char *name)
{
    char dir[FFD_PATH_MAX], journal[FFD_PATH_MAX];
    bool spec, journalled;

    v->name = name;
    v->good = false;
    v->record = 0;
    ffd_model_dir(v->state, name, dir);
    ffd_path(journal, "%s/journal", v->state);
    look_at_snapshots(v, dir);
    spec = look_at_spec(v, dir);
    journalled = look_at_journal(v, journal);
    if (!v->good && !journalled)
        say(v, FFD_DAMAGED,
            "no snapshot and no journal of it can be used; a "
            "start %s",
            spec ? "makes it new"
                 : "makes it new if it is configured, or else "
                   "goes on without it");
    v->name = NULL;
}

static void look_at_epoch(struct verifying *v)
{
    char why[FFD_CONFIG_WHY_MAX];
    uint64_t epoch;
    int rc = ffd_epoch_read(v->state, &epoch, why);

    if (rc < 0)
        say(v, FFD_UNUSABLE, "%s", why);
    else if (rc > 0 && v->n > 0)
        say(v, FFD_DAMAGED,
            "the epoch is missing; a start begins with 1, and "
            "gives ids of frames that were given before");
    else
        say(v, FFD_SOUND, "epoch %" PRIu64, epoch);
}

static void conclude(struct verifying *v)
{
    static const char *const words[] = {
        [FFD_SOUND] = "all of it is sound",
        [FFD_DAMAGED] = "damaged; a start would work without what is",
        [FFD_UNUSABLE] = "a start would fail"};

    fprintf(v->out, "%s\n", words[v->verdict]);
}

enum ffd_verdict ffd_verify(const char *state, FILE *out)
{
    struct verifying v = {.state = state, .out = out};
    char journal[FFD_PATH_MAX];

    ffd_path(journal, "%s/journal", state);
    if (add_files(&v, "") < 0 || add_files(&v, "models/") < 0 ||
        add_journalled(&v, journal) < 0)
        say(&v, FFD_UNUSABLE, "out of memory");
    if (v.n > 0)
        qsort(v.names, v.n, sizeof(*v.names), by_name);
    look_at_epoch(&v);
    for (size_t i = 0; i < v.n; i++) {
        look_at_model(&v, v.names[i]);
        free(v.names[i]);
    }
    free(v.names);
    conclude(&v);
    return v.verdict;
}

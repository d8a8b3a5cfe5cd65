/*
 * dispatch.h -- one message to the function of its method.
 *
 * Methods answer at once, or hand a call, a ticket or an op to whoever will.
 * They are in files by theme: m_about.c (hello, api_info, models), m_auth.c,
 * m_status.c (status, stats), m_learn.c (and label), m_predict.c,
 * m_generate.c, m_sleep.c
 * (sleep, wake, dreams), m_make.c (create_model, drop_model, save),
 * m_versions.c (versions, rollback, export, delete_version), import.c,
 * m_subscribe.c.
 */
#ifndef FFD_DISPATCH_H
#define FFD_DISPATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/error.h"
#include "proto/message.h"

struct ffd_conn;
struct ffd_daemon;
struct ffd_model;

/* A request while its method looks at it; all borrowed. */
struct ffd_ask {
    struct ffd_conn *conn;
    struct ffd_daemon *d;
    const struct ffp_request *r;
    const uint8_t *message;
    size_t n;
};

void ffd_dispatch(struct ffd_conn *c, const uint8_t *message, size_t n);

/* What a failure of the learner is called on the wire. */
enum ffp_code ffd_code_of(int status);

/* The answer to status; digest: NULL where none was asked for. */
void ffd_status_answer(const struct ffd_model *m, uint64_t conn, uint32_t msgid,
                       const char *digest);

/* Refuse: counted, and answered unless it was a notification. */
void ffd_refuse(const struct ffd_ask *ask, enum ffp_code code,
                const char *format, ...) __attribute__((format(printf, 3, 4)));
void ffd_refuse_as(const struct ffd_ask *ask, const struct ffp_error *err);

/* The live model that is asked for; otherwise it is refused, and NULL. */
struct ffd_model *ffd_asked_model(const struct ffd_ask *ask);

/* Whether a model of the name that is asked for may be made; otherwise it is
   refused. */
bool ffd_may_make(const struct ffd_ask *ask);

/* {name: ...}: of create_model and drop_model. */
void ffd_answer_name(struct ffd_daemon *d, uint64_t conn, uint32_t msgid,
                     const char *name);

void ffd_m_hello(const struct ffd_ask *ask);
void ffd_m_auth(const struct ffd_ask *ask);
void ffd_m_ping(const struct ffd_ask *ask);
void ffd_m_api_info(const struct ffd_ask *ask);
void ffd_m_models(const struct ffd_ask *ask);
void ffd_m_status(const struct ffd_ask *ask);
void ffd_m_create_model(const struct ffd_ask *ask);
void ffd_m_drop_model(const struct ffd_ask *ask);
void ffd_m_learn(const struct ffd_ask *ask);
void ffd_m_learn_batch(const struct ffd_ask *ask);
void ffd_m_label(const struct ffd_ask *ask);
void ffd_m_predict(const struct ffd_ask *ask);
void ffd_m_predict_batch(const struct ffd_ask *ask);
void ffd_m_generate(const struct ffd_ask *ask);
void ffd_m_labels_rename(const struct ffd_ask *ask);
void ffd_m_labels_merge(const struct ffd_ask *ask);
void ffd_m_labels_forget(const struct ffd_ask *ask);
void ffd_m_sleep(const struct ffd_ask *ask);
void ffd_m_wake(const struct ffd_ask *ask);
void ffd_m_dreams(const struct ffd_ask *ask);
void ffd_m_stats(const struct ffd_ask *ask);
void ffd_m_save(const struct ffd_ask *ask);
void ffd_m_versions(const struct ffd_ask *ask);
void ffd_m_rollback(const struct ffd_ask *ask);
void ffd_m_export(const struct ffd_ask *ask);
void ffd_m_import(const struct ffd_ask *ask);
void ffd_m_delete_version(const struct ffd_ask *ask);
void ffd_m_subscribe(const struct ffd_ask *ask);
void ffd_m_unsubscribe(const struct ffd_ask *ask);

#endif

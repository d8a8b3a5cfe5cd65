/*
 * A path to its answer. Paths are compared whole, so nothing of a request ever
 * becomes the name of a file.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/daemon.h"
#include "daemon/http/files.h"
#include "daemon/http/http.h"
#include "daemon/metrics.h"
#include "daemon/model.h"
#include "daemon/numbers.h"
#include "proto/json.h"
#include "proto/limits.h"
#include "proto/pack.h"

#define JSON    "application/json"
#define MODELS  "/api/models/"
#define QUOTED  400 /* bytes of a sentence */
#define METRICS "text/plain; version=0.0.4; charset=utf-8"
#define POLICY                                                                 \
    "default-src 'self'; img-src 'self' data: blob:; frame-ancestors 'none'; " \
    "base-uri 'none'; form-action 'none'"

static void add(struct MHD_Response *r, const char *name, const char *value)
{
    MHD_add_response_header(r, name, value);
}

/* What every answer says of itself. */
static void dress(struct MHD_Response *r, const char *type)
{
    add(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    add(r, "X-Content-Type-Options", "nosniff");
    add(r, "Cross-Origin-Resource-Policy", "same-origin");
    add(r, "Referrer-Policy", "no-referrer");
}

/* Response is given away; NULL: there was no memory for it. */
static bool send_out(struct MHD_Connection *c, unsigned status,
                     struct MHD_Response *response)
{
    bool ok;

    if (!response)
        return false;
    ok = MHD_queue_response(c, status, response) == MHD_YES;
    MHD_destroy_response(response);
    return ok;
}

/* Of text of ours (malloc), given away; NULL: there was no memory for it. */
static struct MHD_Response *of_text(const char *type, char *text, size_t n)
{
    struct MHD_Response *r;

    if (!text)
        return NULL;
    r = MHD_create_response_from_buffer(n, text, MHD_RESPMEM_MUST_FREE);
    if (!r) {
        free(text);
        return NULL;
    }
    dress(r, type);
    add(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    return r;
}

/* Of what was appended to b; b is released. */
static struct MHD_Response *of_buf(const char *type, struct ffp_buf *b)
{
    size_t n = 0;
    char *text = b->failed ? NULL : (char *)ffp_buf_take(b, &n);

    ffp_buf_release(b);
    return of_text(type, text, n);
}

static struct MHD_Response *of_packed(struct ffp_buf *b)
{
    char *text = b->failed ? NULL : ffp_json_packed(b->data, b->n);

    ffp_buf_release(b);
    return of_text(JSON, text, text ? strlen(text) : 0);
}

bool ffd_http_refuse(struct ffd_daemon *d, struct MHD_Connection *c,
                     unsigned status, const char *sentence,
                     const char *const header[2])
{
    char *text = malloc(QUOTED);
    struct MHD_Response *r;

    d->http.refused++;
    if (!text)
        return false;
    snprintf(text, QUOTED, "{\"error\":\"%s\"}\n", sentence);
    r = MHD_create_response_from_buffer(strlen(text), text,
                                        MHD_RESPMEM_MUST_FREE);
    if (!r) {
        free(text);
        return false;
    }
    dress(r, JSON);
    if (header)
        add(r, header[0], header[1]);
    return send_out(c, status, r);
}

/* ---- the dashboard ------------------------------------------------------- */

static const struct ffd_http_file *find_file(const char *url)
{
    for (const struct ffd_http_file *f = ffd_http_files; f->path; f++) {
        if (strcmp(url, f->path) == 0)
            return f;
    }
    return NULL;
}

static bool send_file(struct MHD_Connection *c, const struct ffd_http_file *f)
{
    const char *known = MHD_lookup_connection_value(
        c, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH);
    /* It may be a list, and a cache between may have made ours weak. */
    bool same = known && strstr(known, f->etag);
    struct MHD_Response *r = MHD_create_response_from_buffer(
        same ? 0 : f->n, f->bytes, MHD_RESPMEM_PERSISTENT);

    if (!r)
        return false;
    dress(r, f->type);
    add(r, MHD_HTTP_HEADER_ETAG, f->etag);
    add(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    add(r, "Content-Security-Policy", POLICY);
    return send_out(c, same ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK, r);
}

/* ---- health -------------------------------------------------------------- */

static bool send_health(struct MHD_Connection *c)
{
    static char ok[] = "ok\n";
    struct MHD_Response *r = MHD_create_response_from_buffer(
        sizeof(ok) - 1, ok, MHD_RESPMEM_PERSISTENT);

    if (!r)
        return false;
    dress(r, "text/plain; charset=utf-8");
    return send_out(c, MHD_HTTP_OK, r);
}

/* Why no frame should be sent now. */
static size_t pack_reasons(struct ffp_buf *b, const struct ffd_daemon *d)
{
    const char *why = NULL;
    char text[FFP_MODEL_MAX + 32];
    size_t n = 0;

    if (d->phase != FFD_SERVING) {
        ffp_pack_str(b, "it is stopping");
        n++;
    }
    if (ffd_commit_keeps(d) && !ffd_commit_sound(d, &why)) {
        ffp_pack_str(b, why);
        n++;
    }
    for (const struct ffd_model *m = d->models; m; m = m->next) {
        if (m->life != FFD_CREATING)
            continue;
        snprintf(text, sizeof(text), "model %s is being made", m->name);
        ffp_pack_str(b, text);
        n++;
    }
    return n;
}

static bool send_readiness(struct ffd_daemon *d, struct MHD_Connection *c)
{
    struct ffp_buf reasons, b;
    size_t n;
    char *text;

    ffp_buf_init(&reasons, FFP_MAX_MESSAGE_BYTES);
    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    n = pack_reasons(&reasons, d);
    ffp_pack_map(&b, 2);
    ffp_kv_bool(&b, "ready", n == 0);
    ffp_pack_str(&b, "reasons");
    ffp_pack_array(&b, n);
    ffp_buf_add(&b, reasons.data, reasons.n);
    text = b.failed || reasons.failed ? NULL : ffp_json_packed(b.data, b.n);
    ffp_buf_release(&reasons);
    ffp_buf_release(&b);
    return send_out(c, n ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK,
                    of_text(JSON, text, text ? strlen(text) : 0));
}

/* ---- numbers ------------------------------------------------------------- */

static struct MHD_Response *make(const struct ffd_daemon *d,
                                 enum ffd_http_shared which)
{
    struct ffp_buf b;

    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    if (which == FFD_HTTP_METRICS) {
        ffd_metrics(&b, d);
        return of_buf(METRICS, &b);
    }
    if (which == FFD_HTTP_MODELS)
        ffd_pack_models(&b, d);
    else
        ffd_pack_stats(&b, d, NULL);
    return of_packed(&b);
}

static bool send_shared(struct ffd_daemon *d, struct MHD_Connection *c,
                        enum ffd_http_shared which)
{
    struct MHD_Response **r = &d->http.shared[which];

    if (!*r)
        *r = make(d, which);
    return *r && MHD_queue_response(c, MHD_HTTP_OK, *r) == MHD_YES;
}

static bool send_status(struct ffd_model *m, struct MHD_Connection *c)
{
    struct ffp_buf b;

    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    ffd_pack_status(&b, m, NULL);
    return send_out(c, MHD_HTTP_OK, of_packed(&b));
}

static bool send_history(struct ffd_model *m, struct MHD_Connection *c)
{
    struct ffp_buf b;

    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    ffp_pack_map(&b, 3);
    ffp_kv_str(&b, "model", m->name);
    ffp_kv_uint(&b, "epoch", m->d->epoch);
    ffp_pack_str(&b, "history");
    ffd_history_pack(&m->history, &b);
    return send_out(c, MHD_HTTP_OK, of_packed(&b));
}

static bool send_portrait(struct ffd_model *m, struct MHD_Connection *c)
{
    struct ffp_buf b;

    ffp_buf_init(&b, FFP_MAX_OUTPUT_BYTES);
    ffd_portrait_json(m, &b);
    return send_out(c, MHD_HTTP_OK, of_buf(JSON, &b));
}

static const struct of_model {
    const char *what;
    bool (*send)(struct ffd_model *m, struct MHD_Connection *c);
} of_model[] = {
    {"history", send_history},
    {"portrait", send_portrait},
    {"status", send_status},
};

static bool send_of_model(struct ffd_daemon *d, struct MHD_Connection *c,
                          const char *url)
{
    const char *name = url + strlen(MODELS), *what = strchr(name, '/');
    struct ffd_model *m;

    if (!what)
        return ffd_http_refuse(d, c, MHD_HTTP_NOT_FOUND,
                               "UNKNOWN_METHOD: there is nothing here", NULL);
    m = ffd_model_find(d, name, (size_t)(what - name));
    if (!m || m->life != FFD_LIVE)
        return ffd_http_refuse(d, c, MHD_HTTP_NOT_FOUND,
                               "UNKNOWN_MODEL: no such model; /api/models "
                               "lists them",
                               NULL);
    for (size_t i = 0; i < sizeof(of_model) / sizeof(of_model[0]); i++) {
        if (strcmp(what + 1, of_model[i].what) == 0)
            return of_model[i].send(m, c);
    }
    return ffd_http_refuse(d, c, MHD_HTTP_NOT_FOUND,
                           "UNKNOWN_METHOD: there is nothing here", NULL);
}

static bool send_api(struct ffd_daemon *d, struct MHD_Connection *c,
                     const char *url)
{
    if (strcmp(url, "/api/models") == 0)
        return send_shared(d, c, FFD_HTTP_MODELS);
    if (strcmp(url, "/api/stats") == 0)
        return send_shared(d, c, FFD_HTTP_STATS);
    if (strcmp(url, "/api/events") == 0)
        return ffd_http_reader_begin(d, c);
    if (strncmp(url, MODELS, strlen(MODELS)) == 0)
        return send_of_model(d, c, url);
    return ffd_http_refuse(d, c, MHD_HTTP_NOT_FOUND,
                           "UNKNOWN_METHOD: there is nothing here", NULL);
}

bool ffd_http_route(struct ffd_daemon *d, struct MHD_Connection *c,
                    const char *url)
{
    static const char *const ask[] = {MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                      "Basic realm=\"ffd\", charset=\"UTF-8\""};
    const struct ffd_http_file *file = find_file(url);

    if (!ffd_http_host_is_ours(d, c))
        return ffd_http_refuse(
            d, c, MHD_HTTP_MISDIRECTED_REQUEST,
            "NOT_ALLOWED: ask for localhost or 127.0.0.1, as "
            "Host",
            NULL);
    if (strcmp(url, "/healthz") == 0)
        return send_health(c);
    if (strcmp(url, "/readyz") == 0)
        return send_readiness(d, c);
    if (!ffd_http_may_read(d, c))
        return ffd_http_refuse(d, c, MHD_HTTP_UNAUTHORIZED,
                               "BAD_TOKEN: a token is needed, as Bearer or "
                               "as the password of Basic",
                               ask);
    if (strcmp(url, "/metrics") == 0)
        return send_shared(d, c, FFD_HTTP_METRICS);
    return file ? send_file(c, file) : send_api(d, c, url);
}

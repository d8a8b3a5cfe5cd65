/*
 * load.c -- bytes to a model; snapshot.h has the layout. Trusts nothing.
 */
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/night.h"
#include "lib/snapshot.h"
#include "lib/spec_json.h"
#include "lib/tensors.h"
#include "lib/vec.h"

#define COUNT_MAX ((uint64_t)1 << 62) /* frames; more would wrap one day */

__attribute__((format(printf, 3, 4))) static int refuse(char *why, int status,
                                                        const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, FF_WHY_MAX, format, args);
    va_end(args);
    return status;
}

static uint64_t get_length(const uint8_t *in)
{
    uint64_t n = 0;
    for (int i = 0; i < 8; i++)
        n |= (uint64_t)in[i] << (8 * i);
    return n;
}

int ff_snapshot_verify(const uint8_t *bytes, size_t n, char hash[33],
                       char why[FF_WHY_MAX])
{
    if (n < 8 + FF_SNAPSHOT_ALIGN)
        return refuse(why, FF_ECORRUPT, "it is cut short: %zu bytes", n);
    uint64_t header = get_length(bytes);
    if (header > n - 8)
        return refuse(why, FF_ECORRUPT, "it is cut short, in its header");
    size_t digits = ff_snapshot_digits(bytes, (size_t)header);
    if (digits == 0)
        return refuse(why, FF_ECORRUPT, "it has no hash: not one of ours?");
    ff_snapshot_hash(bytes, n, digits, hash);
    if (memcmp(bytes + digits, hash, FF_SNAPSHOT_DIGITS) != 0)
        return refuse(why, FF_ECORRUPT, "its hash does not match its content");
    return 0;
}

static const char *text_of(const json_t *meta, const char *key)
{
    const char *text = json_string_value(json_object_get(meta, key));
    return text ? text : "";
}

static int check_format(const json_t *meta, long *format, char *why)
{
    *format = strtol(text_of(meta, "format"), NULL, 10);
    if (*format < 1)
        return refuse(why, FF_ECORRUPT, "it names no format version");
    if (*format > FF_SNAPSHOT_FORMAT)
        return refuse(why, FF_EVERSION,
                      "its format is %ld, this program knows up to %d", *format,
                      FF_SNAPSHOT_FORMAT);
    return 0;
}

/* JSON of n bytes; NULL, with the status to give, if there is none. The hash
   has said that these are the bytes once written, so what cannot be read lacks
   memory (jansson calls that a syntax error): no reason to throw it away. */
static json_t *parse(const char *text, size_t n, int *status)
{
    json_t *json = json_loadb(text, n, 0, NULL);
    *status = json ? 0 : FF_ENOMEM;
    return json;
}

static json_t *parse_text(const json_t *meta, const char *key, int *status)
{
    const char *text = text_of(meta, key);
    return parse(text, strlen(text), status);
}

/* A specification may ask for much, but its snapshot holds what it asks for:
   find out before anything is allocated. */
static bool fits(const struct ff_spec *spec, size_t n, long format)
{
    size_t kept = spec->memory;
    if (format >= 2)
        kept += spec->pending + (spec->memory > 0 ? spec->calibration : 0);
    size_t frames = kept * ff_spec_frame_bytes(spec);
    size_t in = ff_spec_inputs(spec), weights = 0;
    for (size_t l = 0; l < spec->layers; l++) {
        weights += in * spec->units[l];
        in = spec->units[l];
    }
    return frames <= n && weights * sizeof(float) <= n;
}

static int make(struct ff_model **out, const json_t *meta, size_t n,
                long format, char *why)
{
    struct ff_spec spec;
    int status;
    json_t *json = parse_text(meta, "spec", &status);
    if (!status)
        status = ff_spec_from_json(&spec, json);
    json_decref(json);
    if (status)
        return refuse(why, status, "its specification is not readable");
    if (ff_spec_check(&spec, why))
        return FF_ECORRUPT;
    if (!fits(&spec, n, format))
        return refuse(why, FF_ECORRUPT, "it is smaller than its model");
    return ff_model_new(out, &spec);
}

struct reader {
    const json_t *root;
    const uint8_t *data;
    size_t at, n;
    long format;
    char *why;
};

static bool is_finite(const struct ff_tensor *t)
{
    size_t n = ff_tensor_bytes(t);
    const float *f = t->data;
    const double *d = t->data;
    bool finite = true;
    for (size_t i = 0; t->type == FF_TENSOR_F32 && i < n / sizeof *f; i++)
        finite = finite && isfinite(f[i]);
    for (size_t i = 0; t->type == FF_TENSOR_F64 && i < n / sizeof *d; i++)
        finite = finite && isfinite(d[i]);
    return finite;
}

static bool are_sizes(const json_t *list, const size_t *sizes, size_t n)
{
    bool same = json_array_size(list) == n;
    for (size_t i = 0; i < n && same; i++) {
        json_int_t value = json_integer_value(json_array_get(list, i));
        same = value >= 0 && (size_t)value == sizes[i];
    }
    return same;
}

static int copy_in(void *ctx, const struct ff_tensor *t)
{
    struct reader *r = ctx;
    size_t n = ff_tensor_bytes(t);
    const json_t *entry = json_object_get(r->root, t->name);
    if (!entry && r->format < 2) /* what models did not have then */
        return 0;
    const json_t *shape = json_object_get(entry, "shape");
    const json_t *range = json_object_get(entry, "data_offsets");
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    bool same = type && strcmp(type, ff_tensor_type_name(t->type)) == 0 &&
                n <= r->n - r->at;
    size_t place[2] = {r->at, r->at + n};
    if (!same || !are_sizes(shape, t->shape, t->dims) ||
        !are_sizes(range, place, 2))
        return refuse(r->why, FF_ECORRUPT, "tensor %s is not as it should be",
                      t->name);
    memcpy(t->data, r->data + r->at, n);
    r->at += n;
    if (!is_finite(t))
        return refuse(r->why, FF_ECORRUPT, "tensor %s is not finite", t->name);
    return 0;
}

static int bind_labels(struct ff_model *m, const json_t *meta)
{
    int status;
    json_t *list = parse_text(meta, "labels", &status);
    if (list && !json_is_array(list))
        status = FF_ECORRUPT;
    for (size_t k = 0; k < json_array_size(list) && !status; k++) {
        int class_;
        const json_t *name = json_array_get(list, k);
        if (!json_is_string(name) ||
            ff_label_bind(m, json_string_value(name), json_string_length(name),
                          &class_) ||
            class_ != (int)k)
            status = FF_ECORRUPT;
    }
    json_decref(list);
    return status;
}

static bool memory_holds(const struct ff_memory *mem)
{
    for (size_t k = 0; k < mem->K; k++)
        if (mem->start[k] > mem->start[k + 1])
            return false;
    if (mem->start[0] != 0 || mem->start[mem->K] > mem->capacity)
        return false;
    for (size_t i = 0; i < mem->start[mem->K]; i++)
        if (mem->order[i] >= mem->start[mem->K])
            return false;
    for (size_t k = 0; k < mem->K; k++)
        if (mem->seen[k] > COUNT_MAX ||
            mem->seen[k] < ff_memory_count_of(mem, (int)k))
            return false;
    return true;
}

/* As ff_learn would have taken them. */
static bool frames_hold(const struct ff_model *m, const struct ff_memory *mem)
{
    for (size_t i = 0; m->dtype == FF_F32 && i < mem->start[mem->K]; i++)
        if (!ff_vec_finite((const float *)mem->rows + i * m->D, m->D))
            return false;
    return true;
}

/* Numbers that are used as places must be places, and counts be counts,
   whoever wrote them. */
static bool numbers_hold(const struct ff_model *m)
{
    if (!memory_holds(&m->memory) || !memory_holds(&m->spared) ||
        m->fit.typical.p.n > m->fit.typical.p.capacity ||
        !ff_drift_holds(&m->drift) || !frames_hold(m, &m->memory) ||
        !frames_hold(m, &m->spared))
        return false;
    if (*m->readout_seen > COUNT_MAX || m->count->averaged > m->count->taught)
        return false;
    if (*m->pending.next > 0 && *m->pending.next >= m->pending.capacity)
        return false;
    const struct ff_credit *c = m->credit;
    return m->count->bank <= m->bank_size &&
           m->prequential.count[1] <= m->prequential.count[0] && c->paid >= 0 &&
           c->paid <= FF_CREDIT_MAX && c->confusions >= 0 &&
           c->confusions <= FF_CREDIT_MAX && c->dreams >= 0 &&
           c->dreams <= FF_CREDIT_MAX;
}

int ff_model_load(struct ff_model **out, const uint8_t *bytes, size_t n,
                  char why[FF_WHY_MAX])
{
    char hash[33];
    int status = ff_snapshot_verify(bytes, n, hash, why);
    if (status)
        return status;
    struct ff_model *m = NULL;
    size_t header = (size_t)get_length(bytes);
    json_t *root = parse((const char *)bytes + 8, header, &status);
    const json_t *meta = json_object_get(root, "__metadata__");
    struct reader r = {.root = root,
                       .data = bytes + 8 + header,
                       .n = n - 8 - header,
                       .why = why};
    if (status)
        return refuse(why, status, "its header is not readable");
    status = check_format(meta, &r.format, why);
    if (!status)
        status = make(&m, meta, n, r.format, why);
    if (!status)
        status = ff_tensors_visit(m, copy_in, &r);
    if (!status && r.format < 2) /* all frames had a label then */
        m->tally->labelled = m->count->seq;
    if (!status && r.at != r.n)
        status = refuse(why, FF_ECORRUPT, "it is longer than its model");
    if (!status && (status = bind_labels(m, meta)))
        refuse(why, status, "its labels are not readable");
    if (!status && !numbers_hold(m))
        status = refuse(why, FF_ECORRUPT, "its counts contradict each other");
    if (!status)
        status = ff_publish(m);
    json_decref(root);
    if (status)
        ff_model_free(m);
    else
        *out = m;
    return status;
}

/*
 * load.c -- bytes to a model; snapshot.h has the layout. Trusts nothing.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "lib/head.h"
#include "lib/json_text.h"
#include "lib/layer.h"
#include "lib/night.h"
#include "lib/snapshot.h"
#include "lib/spec_json.h"
#include "lib/tensors.h"
#include "lib/vec.h"

int ff_snapshot_verify(const uint8_t *bytes, size_t n, char hash[33],
                       char why[FF_WHY_MAX])
{
    size_t header;
    int status = ff_head_length(bytes, n, &header, why);
    if (status)
        return status;
    size_t digits = ff_snapshot_digits(bytes, header);
    if (digits == 0)
        return ff_refuse(why, FF_ECORRUPT, "it has no hash: not one of ours?");
    ff_snapshot_hash(bytes, n, digits, hash);
    if (memcmp(bytes + digits, hash, FF_SNAPSHOT_DIGITS) != 0)
        return ff_refuse(why, FF_ECORRUPT,
                         "its hash does not match its content");
    return 0;
}

static json_t *parse_text(const struct ff_head *h, const char *key, int *status)
{
    const char *text = ff_head_text(h, key);
    return ff_json_parse(text, strlen(text), status);
}

/* A specification may ask for much, but its snapshot holds what it asks for:
   find out before anything is allocated. */
static bool fits(const struct ff_spec *spec, size_t n, long format)
{
    size_t kept = spec->memory;
    if (format >= 2)
        kept += spec->pending + (spec->memory > 0 ? spec->calibration : 0);
    size_t frames = kept * ff_spec_frame_bytes(spec);
    double streams =
        spec->stream.keys > 0 ? ff_front_values(spec) * sizeof(float) : 0;
    if (spec->objective == FF_SEQUENCE)
        frames += spec->stream.rows * 2 * FF_SYMBOLS_SLOTS;
    size_t weights = 0;
    struct ff_layer layer[FF_LAYERS_MAX];
    ff_layers_size(layer, spec, 0);
    for (size_t l = 0; l < spec->layers; l++)
        weights += layer[l].R * layer[l].C;
    /* Triangles of sound are drawn anew. */
    bool sound = spec->stream.sound != FF_SOUND_NONE;
    return frames <= n && weights * sizeof(float) <= n &&
           (sound || streams <= (double)n);
}

static int make(struct ff_model **out, const struct ff_head *h, size_t n,
                char *why)
{
    struct ff_spec spec;
    int status;
    json_t *json = parse_text(h, "spec", &status);
    if (!status)
        status = ff_spec_from_json(&spec, json);
    json_decref(json);
    if (status)
        return ff_refuse(why, status, "its specification is not readable");
    if (ff_spec_check(&spec, why))
        return FF_ECORRUPT;
    if (!fits(&spec, n, h->format))
        return ff_refuse(why, FF_ECORRUPT, "it is smaller than its model");
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
        return ff_refuse(r->why, FF_ECORRUPT,
                         "tensor %s is not as it should be", t->name);
    memcpy(t->data, r->data + r->at, n);
    r->at += n;
    if (!is_finite(t))
        return ff_refuse(r->why, FF_ECORRUPT, "tensor %s is not finite",
                         t->name);
    return 0;
}

/* The labels that were shown; null where a class has none. */
static int place_labels(struct ff_model *m, const struct ff_head *h)
{
    int status;
    json_t *list = parse_text(h, "labels", &status);
    if (!status && (!json_is_array(list) || json_array_size(list) > m->K))
        status = FF_ECORRUPT;
    for (size_t k = 0; k < json_array_size(list) && !status; k++) {
        const json_t *name = json_array_get(list, k);
        if (json_is_null(name))
            continue;
        if (!json_is_string(name) ||
            ff_labels_place(&m->labels, (int)k, json_string_value(name),
                            json_string_length(name)))
            status = FF_ECORRUPT;
        ff_labels_show(&m->labels, (int)k);
    }
    json_decref(list);
    return status;
}

#define MARK ((uint32_t)1 << 31) /* more than a slot's number: spec.c */

/* Whether the slots in use are the first ones, each once. They are marked in
   the list itself, which may be long, and the marks taken off again. */
static bool slots_hold(const struct ff_memory *mem)
{
    size_t n = mem->start[mem->K];
    bool hold = true;
    for (size_t i = 0; i < n; i++)
        hold = hold && mem->order[i] < n;
    for (size_t i = 0; i < n && hold; i++) {
        uint32_t *of = &mem->order[mem->order[i] & ~MARK];
        hold = !(*of & MARK);
        *of |= MARK;
    }
    for (size_t i = 0; i < n; i++)
        mem->order[i] &= ~MARK;
    return hold;
}

static bool memory_holds(const struct ff_memory *mem)
{
    for (size_t k = 0; k < mem->K; k++)
        if (mem->start[k] > mem->start[k + 1])
            return false;
    if (mem->start[0] != 0 || mem->start[mem->K] > mem->capacity)
        return false;
    if (!slots_hold(mem))
        return false;
    for (size_t k = 0; k < mem->K; k++)
        if (mem->seen[k] > FF_COUNT_MAX ||
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

/* Of a variance below zero there is no root. */
static bool variances_hold(const struct ff_model *m)
{
    for (size_t l = 0; l < m->L; l++)
        for (size_t i = 0; m->layer[l].kind->scales && i < m->layer[l].M; i++)
            if (!(m->params[m->layer[l].variance + i] >= 0) ||
                !(m->average[m->layer[l].variance + i] >= 0))
                return false;
    return true;
}

/* Numbers that are used as places must be places, and counts be counts,
   whoever wrote them. */
static bool numbers_hold(struct ff_model *m)
{
    if (m->front.slots.S > 0 && !ff_front_holds(&m->front))
        return false;
    if (ff_sequence_is(&m->sequence) && !ff_sequence_holds(&m->sequence))
        return false;
    if (!memory_holds(&m->memory) || !memory_holds(&m->spared) ||
        m->fit.typical.p.n > m->fit.typical.p.capacity ||
        !ff_drift_holds(&m->drift) || !frames_hold(m, &m->memory) ||
        !frames_hold(m, &m->spared) || !variances_hold(m))
        return false;
    if ((*m->fit.done && !(*m->fit.temperature > 0)) ||
        m->range[0] > m->range[1] || *m->readout_seen > FF_COUNT_MAX ||
        m->count->averaged > m->count->taught)
        return false;
    if (*m->pending.next > 0 && *m->pending.next >= m->pending.capacity)
        return false;
    const struct ff_credit *c = m->credit;
    return m->count->bank <= m->bank_size && m->count->debt <= FF_COUNT_MAX &&
           m->prequential.count[1] <= m->prequential.count[0] && c->paid >= 0 &&
           c->paid <= FF_CREDIT_MAX && c->confusions >= 0 &&
           c->confusions <= FF_CREDIT_MAX && c->dreams >= 0 &&
           c->dreams <= FF_CREDIT_MAX;
}

/* All that comes out of the file, into a model that was made of it. */
static int fill(struct ff_model *m, const struct ff_head *h, struct reader *r,
                char *why)
{
    int status = ff_tensors_visit(m, copy_in, r);
    if (status)
        return status;
    if (r->at != r->n)
        return ff_refuse(why, FF_ECORRUPT, "it is longer than its model");
    if (h->format < 2) /* all frames had a label then */
        m->tally->labelled = m->count->seq;
    if ((status = place_labels(m, h)))
        return ff_refuse(why, status, "its labels are not readable");
    if (ff_head_number(h, "record", &m->record))
        return ff_refuse(why, FF_ECORRUPT, "its record is not readable");
    if (!numbers_hold(m))
        return ff_refuse(why, FF_ECORRUPT, "its counts contradict each other");
    m->fit.version++;
    return ff_publish(m);
}

int ff_model_load(struct ff_model **out, const uint8_t *bytes, size_t n,
                  char why[FF_WHY_MAX])
{
    char hash[33];
    struct ff_head h;
    struct ff_model *m = NULL;
    int status = ff_snapshot_verify(bytes, n, hash, why);
    if (!status)
        status = ff_head_read(&h, bytes, n, why);
    if (status)
        return status;
    struct reader r = {.root = h.root,
                       .data = bytes + 8 + h.length,
                       .n = n - 8 - h.length,
                       .format = h.format,
                       .why = why};
    status = make(&m, &h, n, why);
    if (!status)
        status = fill(m, &h, &r, why);
    ff_head_release(&h);
    if (status)
        ff_model_free(m);
    else
        *out = m;
    return status;
}

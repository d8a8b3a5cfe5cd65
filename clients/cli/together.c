#include "clients/cli/together.h"

static const char *const inputs[] = {
    [INPUT_NONE] = "a question of its own",
    [INPUT_IDX] = "--idx",
    [INPUT_CSV] = "--csv",
    [INPUT_RAW] = "--raw",
    [INPUT_TEXT] = "--text",
    [INPUT_WAV] = "--wav",
};

/* What says the labels of an input without columns. */
static const char *const labelled[] = {
    [INPUT_NONE] = "it has no label",
    [INPUT_IDX] = "a file of LABELS goes behind IMAGES",
    [INPUT_RAW] = "--label is one for all",
    [INPUT_TEXT] = "each symbol is its own label",
    [INPUT_WAV] = "--label or --label-from-name labels the files",
};

static void check_columns(struct args *a, const struct input_options *o)
{
    const struct csv_options *c = &o->csv;
    const char *of = inputs[o->kind];
    if (o->kind == INPUT_CSV)
        return;
    if (c->label)
        args_fail(a, "--label-column is of --csv, not of %s: %s", of,
                  labelled[o->kind]);
    if (c->values)
        args_fail(a, "--columns is of --csv, not of %s: leave it out", of);
    if (c->stream)
        args_fail(a,
                  "--stream-column is of --csv, not of %s: --stream names "
                  "the stream",
                  of);
    if (c->end)
        args_fail(a,
                  "--end-column is of --csv, not of %s: with --end the "
                  "recording ends where the input does",
                  of);
}

static void check_labels(struct args *a, const struct input_options *o)
{
    bool one =
        o->kind == INPUT_CSV || o->kind == INPUT_RAW || o->kind == INPUT_WAV;
    if (o->label && !one)
        args_fail(a, "--label is of --csv, --raw and --wav, not of %s: %s",
                  inputs[o->kind], labelled[o->kind]);
    if (o->label && o->csv.label)
        args_fail(a, "--label is one for all, and --label-column says each "
                     "line's: name one of them");
    if (o->label && o->pattern)
        args_fail(a, "--label is one for all, and --label-from-name says each "
                     "file's: name one of them");
    if (o->pattern && o->kind != INPUT_WAV)
        args_fail(a, "--label-from-name is of --wav, not of %s: leave it out",
                  inputs[o->kind]);
}

void together_check(struct args *a, const struct input_options *o)
{
    check_columns(a, o);
    check_labels(a, o);
}

#include <stdio.h>

#include "clients/cli/cli.h"
#include "clients/cli/picture.h"

static void report(const struct cli *cli, const struct ffc_dreams *d,
                   const char *path)
{
    if (!cli->json) {
        for (size_t i = 0; i < d->n; i++)
            printf("%3zu  %-8s goodness %.3f\n", i, d->kind[i],
                   (double)d->goodness[i]);
        if (path)
            printf("%zu dreams in %s, row by row\n", d->n, path);
        return;
    }
    json_t *kind = json_array(), *goodness = json_array();
    for (size_t i = 0; i < d->n; i++) {
        json_array_append_new(kind, json_string(d->kind[i]));
        json_array_append_new(goodness, cli_real((double)d->goodness[i]));
    }
    cli_print_json(json_pack("{s:I,s:[I,I,I],s:s,s:o,s:o,s:s?}", "n",
                             (json_int_t)d->n, "shape", (json_int_t)d->height,
                             (json_int_t)d->width, (json_int_t)d->channels,
                             "dtype", d->f32 ? "<f4" : "|u1", "kind", kind,
                             "goodness", goodness, "png", path));
}

static int dreams(struct cli *cli, size_t n, const char *path)
{
    struct ffc_dreams *d;
    char why[WHY_MAX];
    int rc = ffc_dreams(cli->c, cli->model, n, &d), code = EXIT_DONE;
    if (rc < 0)
        return cli_failed(cli, rc);
    if (path) {
        struct picture p;
        picture_grid(&p, d);
        if (picture_write(&p, path, why) < 0)
            code = cli_say(EXIT_INPUT, "%s", why);
        picture_release(&p);
    }
    if (code == EXIT_DONE)
        report(cli, d, path);
    ffc_dreams_free(d);
    return code;
}

int verb_dreams(struct cli *cli, struct args *a)
{
    size_t n = 16;
    const char *path = NULL;
    int code = cli_model(cli, a);
    if (code != EXIT_DONE)
        return code;
    while (args_next(a)) {
        if (args_is(a, "-n"))
            n = args_size(a, 1);
        else if (args_is(a, "--png"))
            path = args_text(a);
        else if (!cli_common(cli, a))
            args_unknown(a);
    }
    if (a->why[0])
        return cli_usage(cli, a);
    code = cli_connect(cli);
    return code == EXIT_DONE ? dreams(cli, n, path) : code;
}

#include "clients/cli/model_input.h"

#include <string.h>

int model_input_find(struct cli *cli, struct model_input *m)
{
    memset(m, 0, sizeof *m);
    int rc = ffc_model_find(cli->c, cli->model, &m->shape);
    if (rc == FFC_OK)
        rc = stream_find(cli->c, cli->model, &m->stream);
    m->samples = rc > 0;
    return rc < 0 ? cli_failed(cli, rc) : EXIT_DONE;
}

int model_input_open(struct model_input *m, const struct input_options *o)
{
    char why[WHY_MAX];
    m->in = input_open(o, &m->shape, m->samples ? &m->stream : NULL, why);
    return m->in ? EXIT_DONE : cli_say(EXIT_INPUT, "%s", why);
}

void model_input_release(struct model_input *m)
{
    input_free(m->in);
    m->in = NULL;
}

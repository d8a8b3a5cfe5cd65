#include "daemon/apitext.h"

#include <jansson.h>
#include <stdlib.h>

#include "proto/buf.h"
#include "proto/json.h"
#include "proto/limits.h"
#include "proto/reply.h"

int ffd_print_api_info(FILE *out)
{
    struct ffp_buf b;
    char *text = NULL;
    json_t *json;
    int rc = -1;

    ffp_buf_init(&b, FFP_MAX_MESSAGE_BYTES);
    ffp_pack_api_info(&b);
    if (!b.failed)
        text = ffp_json_packed(b.data, b.n);
    json = text ? json_loads(text, 0, NULL) : NULL;
    if (json && json_dumpf(json, out, JSON_INDENT(2)) == 0)
        rc = fputc('\n', out) == EOF ? -1 : 0;
    json_decref(json);
    free(text);
    ffp_buf_release(&b);
    return rc;
}

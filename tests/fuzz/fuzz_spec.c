/*
 * The text that create_model brings: refused with a sentence that may be sent
 * as an answer, or a model, if it is a small one, that learns and sleeps.
 */
#include <string.h>

#include "daemon/config.h"
#include "lib/ff.h"
#include "proto/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/live.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct ffd_model_config c;
    struct ff_spec again;
    struct ff_model *m = NULL;
    char why[FFD_CONFIG_WHY_MAX] = "";

    ffd_model_config_init(&c);
    if (ffd_model_config_parse(&c, "spec", (const char *)bytes, n, why) < 0) {
        MUST(strncmp(why, "spec", 4) == 0);
        MUST(ffp_text_valid(why, strlen(why)));
        return 0;
    }
    again = c.spec;
    MUST(ff_spec_check(&again, why) == FF_OK); /* and of what was filled in */
    MUST(ff_spec_same_structure(&again, &c.spec, why));
    if (!is_small(&c.spec))
        return 0;
    MUST(ff_model_new(&m, &c.spec) == FF_OK);
    live(m);
    ff_model_free(m);
    return 0;
}

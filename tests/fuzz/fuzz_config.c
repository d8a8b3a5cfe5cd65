/*
 * A configuration file: refused with a sentence that has its place, or read;
 * and a daemon that reads the same again goes on as it is.
 */
#include <string.h>

#include "daemon/config.h"
#include "proto/text.h"
#include "tests/fuzz/fuzz.h"

static int read_once(struct ffd_config *c, const uint8_t *bytes, size_t n)
{
    char why[FFD_CONFIG_WHY_MAX] = "";
    int rc;

    ffd_config_init(c);
    rc = ffd_config_parse(c, "ffd.yaml", (const char *)bytes, n, why);
    MUST(rc == 0 || strncmp(why, "ffd.yaml", 8) == 0);
    MUST(ffp_text_valid(why, strlen(why)));
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct ffd_config a;
    struct ffd_config b;
    char why[FFD_CONFIG_WHY_MAX] = "";

    if (read_once(&a, bytes, n) == 0) {
        MUST(read_once(&b, bytes, n) == 0);
        MUST(ffd_config_can_reload(&a, &b, why));
        ffd_config_release(&b);
    }
    ffd_config_release(&a);
    return 0;
}

#include "daemon/core.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/ff.h"

void ffd_choose_core(char **argv)
{
    static const char name[] = "OPENBLAS_CORETYPE";
    const char *core = ff_core_better();

    if (!core || getenv(name) || setenv(name, core, 1) < 0)
        return;
    execv("/proc/self/exe", argv);
    unsetenv(name); /* so be it */
}

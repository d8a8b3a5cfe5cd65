#include "daemon/core.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/ff.h"

void ffd_choose_core(char **argv)
{
    static const char name[] = "OPENBLAS_CORETYPE";
    const char *core = ff_core_better();
    char path[4096];
    ssize_t n;

    if (!core || getenv(name))
        return;
    /* By its path, or it would be called "exe". */
    n = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (n <= 0 || setenv(name, core, 1) < 0)
        return;
    path[n] = '\0';
    execv(path, argv);
    unsetenv(name); /* so be it */
}

#include "clients/c/token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int fail(const char *path, const char *what, char why[FFC_WHY_MAX])
{
    snprintf(why, FFC_WHY_MAX, "the token file %.200s: %s", path, what);
    return FFC_EARGUMENT;
}

/* The first line of a file that is its owner's alone. */
static int from_file(const char *path, char token[FFC_TOKEN_MAX],
                     char why[FFC_WHY_MAX])
{
    FILE *f = fopen(path, "re");
    if (!f)
        return fail(path, strerror(errno), why);
    struct stat st;
    int rc = FFC_OK;
    if (fstat(fileno(f), &st) < 0)
        rc = fail(path, strerror(errno), why);
    else if (S_ISREG(st.st_mode) && st.st_mode & S_IRWXO)
        rc = fail(path, "others can read it; mend it with chmod 600", why);
    else if (!fgets(token, FFC_TOKEN_MAX, f))
        rc = fail(path, "it is empty", why);
    fclose(f);
    if (rc < 0)
        return rc;
    token[strcspn(token, " \t\r\n")] = '\0';
    return token[0] ? FFC_OK : fail(path, "its first line is empty", why);
}

int ffc_token_find(const struct ffc_options *o, char token[FFC_TOKEN_MAX],
                   char why[FFC_WHY_MAX])
{
    const char *text = o ? o->token : NULL;
    token[0] = '\0';
    if (!text && o && o->token_file)
        return from_file(o->token_file, token, why);
    if (!text)
        text = getenv("FFD_TOKEN");
    if (!text)
        return FFC_OK;
    if (strlen(text) >= FFC_TOKEN_MAX) {
        snprintf(why, FFC_WHY_MAX, "the token is longer than any is");
        return FFC_EARGUMENT;
    }
    memcpy(token, text, strlen(text) + 1);
    return FFC_OK;
}

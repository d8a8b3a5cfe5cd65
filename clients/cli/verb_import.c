#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clients/cli/cli.h"
#include "clients/cli/hand.h"
#include "clients/cli/mem.h"

#define PIECE ((size_t)4 << 20)

/* Send a file of so many bytes, piece by piece; *reply is of the last. */
static int send_all(struct cli *cli, FILE *f, const char *path, uint64_t total,
                    struct ffc_reply **reply)
{
    char *piece = must_alloc(PIECE, 1);
    int rc = FFC_OK, code = EXIT_DONE;
    for (uint64_t at = 0; at < total && code == EXIT_DONE;) {
        uint64_t left = total - at;
        size_t n = fread(piece, 1, left < PIECE ? (size_t)left : PIECE, f);
        if (n == 0) {
            code = cli_say(EXIT_INPUT, "%s: it became shorter", path);
            break;
        }
        ffc_reply_free(*reply);
        *reply = NULL;
        rc = ffc_import(cli->c, cli->model, at, piece, n, total, reply);
        if (rc < 0)
            code = cli_failed(cli, rc);
        at += n;
    }
    free(piece);
    return code;
}

static int import(struct cli *cli, FILE *f, const char *path)
{
    struct ffc_reply *reply = NULL;
    struct stat st;
    if (fstat(fileno(f), &st) < 0)
        return cli_say(EXIT_INPUT, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        return cli_say(EXIT_INPUT, "%s is no snapshot", path);
    int code = send_all(cli, f, path, (uint64_t)st.st_size, &reply);
    if (code == EXIT_DONE && cli->json) {
        code = cli_show(cli, reply);
        reply = NULL;
    } else if (code == EXIT_DONE) {
        printf("%s is made of %s\n", cli->model, path);
    }
    ffc_reply_free(reply);
    return code;
}

int verb_import(struct cli *cli, struct args *a)
{
    static const char *const names[] = {"FILE"};
    const char *path;
    int code = hand_words(cli, a, names, &path, 1, NULL);
    if (code != EXIT_DONE)
        return code;
    FILE *f = fopen(path, "rbe");
    if (!f)
        return cli_say(EXIT_INPUT, "%s: %s", path, strerror(errno));
    code = cli_connect(cli);
    if (code == EXIT_DONE)
        code = import(cli, f, path);
    fclose(f);
    return code;
}

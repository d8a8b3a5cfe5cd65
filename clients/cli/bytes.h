/*
 * bytes.h -- a file, a gzipped file or standard input, read as one stream.
 *
 * The first two bytes tell what is gzipped, so no name needs to end in .gz.
 * What has come is given at once: nobody waits for a buffer to fill, so that a
 * microphone or `tail -f` can be read along.
 */
#ifndef CLI_BYTES_H
#define CLI_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#define WHY_MAX 512 /* bytes of an explanation, with terminator */

struct bytes {
    char name[128]; /* for sentences */

    /* private */
    int fd;
    bool begun, gzipped, member; /* inside a member of a gzipped file */
    z_stream z;
    uint8_t *raw; /* as it lies in the file */
    size_t raw_at, raw_n;
    uint8_t *room; /* unpacked */
    size_t at, n;  /* of what is to be given, in room or raw */
    char *line;    /* of bytes_line */
    size_t line_room;
};

/* Open path, "-" for standard input; -1 with the sentence in why. Release in
   either case; zeros may be released. */
int bytes_open(struct bytes *b, const char *path, char why[WHY_MAX]);
void bytes_release(struct bytes *b);

/* Fill `to`; how many bytes came, fewer only at the end; -1 with why. */
long bytes_read(struct bytes *b, void *to, size_t n, char why[WHY_MAX]);

/* The next line without its end, terminated, borrowed until the next call.
   1, 0 at the end, -1 with why. */
int bytes_line(struct bytes *b, char **line, char why[WHY_MAX]);

/* Wait up to ms for something to be there, or the end. */
bool bytes_ready(const struct bytes *b, int ms);

#endif

/*
 * snapshot_file.h -- bytes that survive a power cut, and bytes read back.
 *
 * A file is written aside, flushed to the disk, looked at, and only then
 * renamed over the one before it; then the directory is flushed. So a name
 * always leads to a whole file, the old one or the new. All of these wait for
 * the disk: not for the loop's thread.
 */
#ifndef FFD_SNAPSHOT_FILE_H
#define FFD_SNAPSHOT_FILE_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "lib/ff.h"

/* A path; one that is too long is cut, and no file has it. */
void ffd_path(char out[FFD_PATH_MAX], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* -1, and "cannot WHAT PATH: " with errno's reason. */
int ffd_file_fail(char why[FFD_CONFIG_WHY_MAX], const char *what,
                  const char *path);

/* All n bytes, however many writes that takes. -1 and errno. */
int ffd_file_write_all(int fd, const void *bytes, size_t n);

/* 0, or -1 and a sentence. */
int ffd_file_write(const char *path, const void *bytes, size_t n,
                   char why[FFD_CONFIG_WHY_MAX]);

/* Owned bytes of a whole file. 1: there is none; -1: a sentence, and errno. */
int ffd_file_read(const char *path, uint8_t **bytes, size_t *n,
                  char why[FFD_CONFIG_WHY_MAX]);

/* Gone, and its directory flushed; no error if there was none. */
void ffd_file_remove(const char *path);

/* A file or directory takes another name, and the directory of that is
   flushed. */
int ffd_file_rename(const char *from, const char *to,
                    char why[FFD_CONFIG_WHY_MAX]);

/* opendir by way of open: a thread sanitizer sees who opened what, and does not
   take a number used again for a race. NULL and errno. */
DIR *ffd_dir_open(const char *path);

/* A directory, on the disk; no error if it is there. */
int ffd_dir_make(const char *path, char why[FFD_CONFIG_WHY_MAX]);

/* ffd_file_write, but what is read back from the disk must verify as a
   snapshot before it takes the name. hash: of the snapshot's content. */
int ffd_snapshot_write(const char *path, const void *bytes, size_t n,
                       char hash[33], char why[FFD_CONFIG_WHY_MAX]);

/* What a snapshot says of itself, from its header; it is not verified. 1: there
   is none; -1: a sentence. */
int ffd_snapshot_about(const char *path, struct ff_snapshot_about *out,
                       char why[FFD_CONFIG_WHY_MAX]);

#endif

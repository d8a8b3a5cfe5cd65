/*
 * reload.h -- SIGHUP: the configuration again, whole or not at all.
 *
 * The new file is read and validated whole. If it does not validate, or
 * changes what cannot change while the daemon runs, the old settings stay and
 * a line of the log says why. So too if a file that it names, of tokens or for
 * TLS, cannot be read.
 */
#ifndef FFD_RELOAD_H
#define FFD_RELOAD_H

struct ffd_daemon;

void ffd_reload(struct ffd_daemon *d);

#endif

/*
 * home.h -- a baton comes home: what was learned is told, what was asked for
 * is answered, and the model may go out again.
 */
#ifndef FFD_HOME_H
#define FFD_HOME_H

struct ffd_model;

/* m->work is done. The model may be gone afterwards. */
void ffd_home(struct ffd_model *m);

#endif

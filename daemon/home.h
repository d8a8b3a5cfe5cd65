/*
 * home.h -- a baton comes home: what was learned is told, what was asked for
 * is answered, and the model may go out again.
 */
#ifndef FFD_HOME_H
#define FFD_HOME_H

struct ffd_model;

/* m->work is done. The model may be gone afterwards. */
void ffd_home(struct ffd_model *m);

/* What it wanted erased from the journal is (rc 0), or why it is not. The model
   may be gone afterwards. */
void ffd_model_erased(struct ffd_model *m, int rc, const char *why);

#endif

/*
 * token.h -- the token to show, from where its owner keeps it.
 */
#ifndef FFC_TOKEN_H
#define FFC_TOKEN_H

#include "clients/c/ffclient.h"

#define FFC_TOKEN_MAX 128 /* bytes, with terminator */

/* What the options say, else FFD_TOKEN; "" for none. FFC_OK, or FFC_EARGUMENT
   for a file that cannot be used, with the sentence in why. */
int ffc_token_find(const struct ffc_options *o, char token[FFC_TOKEN_MAX],
                   char why[FFC_WHY_MAX]);

#endif

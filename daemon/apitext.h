/*
 * apitext.h -- what api_info answers, as JSON to read offline.
 */
#ifndef FFD_APITEXT_H
#define FFD_APITEXT_H

#include <stdio.h>

/* 0, or -1 when it could not be made or written. */
int ffd_print_api_info(FILE *out);

#endif

/*
 * likeliest.h -- of an answer, the labels that are likeliest.
 */
#ifndef CLI_LIKELIEST_H
#define CLI_LIKELIEST_H

#include <stddef.h>

#include "clients/c/ffclient.h"

#define LIKELIEST 8

/* Classes of row i, the likeliest first, into out; how many, at most LIKELIEST.
   Those of which nothing is known are not among them. */
size_t likeliest(const struct ffc_answers *a, size_t i, size_t out[LIKELIEST]);

/* The probability of a label in row i; NaN if it is not known. */
double probability(const struct ffc_answers *a, size_t i, const char *label);

#endif

/*
 * hand.h -- what rename, merge and forget share: the words of their command
 * line, and an answer told in a sentence.
 */
#ifndef CLI_HAND_H
#define CLI_HAND_H

#include "clients/cli/cli.h"

/* The model, then n labels into label (borrowed), one for each of names; among
   them the options of every verb, and --yes where yes is not NULL. Behind `--`
   a label may begin with a dash. EXIT_DONE or EXIT_USAGE. */
int hand_words(struct cli *cli, struct args *a, const char *const *names,
               const char **label, size_t n, bool *yes);

/* After a call: its error told, or with --json its reply (moved). Else
   EXIT_DONE with *reply left for the caller's sentence and free. */
int hand_answered(struct cli *cli, int rc, struct ffc_reply **reply);

#endif

/*
 * record_parts.h -- the layout that record.c and apply.c share; record.h has
 * it in words.
 */
#ifndef FFD_RECORD_PARTS_H
#define FFD_RECORD_PARTS_H

#define FFD_RECORD_VERSION 1
#define FFD_LEARN_STREAMS  2  /* version of LEARN of a model with streams */
#define FFD_RECORD_HEAD    2  /* kind, version */
#define FFD_LEARN_HEAD     16 /* rows, labels, frame bytes, zero */
#define FFD_LEARN_ROW      13 /* id, class, whether there is a frame */
#define FFD_LEARN_ORIGIN   9  /* stream, flags */

#endif

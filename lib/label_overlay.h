/*
 * label_overlay.h -- the label among the inputs of the first layer.
 *
 * A row of it is K slots for the label, then D values of the frame. The label
 * is as strong as FF_LABEL_SHARE of the frame's own length, so that it is heard
 * as well beside large numbers as beside small ones.
 */
#ifndef FF_LABEL_OVERLAY_H
#define FF_LABEL_OVERLAY_H

#include <stddef.h>

#define FF_LABEL_SHARE 0.33f /* about 3 pixels of MNIST's 9 */

/* Write the slots of a row whose frame is there: one for class_, or with -1
   the neutral label, no class more than another. */
void ff_label_write(float *row, size_t K, size_t D, int class_);

#endif

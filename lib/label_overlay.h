/*
 * label_overlay.h -- the label among the inputs of the first layer.
 */
#ifndef FF_LABEL_OVERLAY_H
#define FF_LABEL_OVERLAY_H

#include <stddef.h>

#define FF_LABEL_STRENGTH 3.0f /* of a label's one input; a pixel is 0 to 1 */

/* The neutral label into K slots: no class more than another. */
void ff_label_neutral(float *slots, size_t K);

#endif

/*
 * change.h -- which way the mean of a stream went.
 *
 * Detectors answer with a set of these: none, one, or (a window that held
 * several changes) both. Whoever cares for one side only looks at that bit.
 */
#ifndef FF_CHANGE_H
#define FF_CHANGE_H

enum ff_change { FF_CHANGE_ROSE = 1, FF_CHANGE_FELL = 2 };

#endif

/*
 * core.h -- kernels of BLAS that suit the processor.
 */
#ifndef FFD_CORE_H
#define FFD_CORE_H

/*
 * Where BLAS took none of these (see ff_core_better) the program begins again,
 * being told; then this does not return. It keeps its number, so whoever
 * started it sees no difference. Whoever set the variable knows why, and is
 * left alone. Before anything is opened. ffd does, and so must whoever wants
 * the same numbers to the bit.
 */
void ffd_choose_core(char **argv);

#endif

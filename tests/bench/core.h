/*
 * core.h -- measure with the kernels that the daemon takes: where BLAS does not
 * know the processor, begin again and tell it (ff_core_better).
 */
#ifndef FFD_BENCH_CORE_H
#define FFD_BENCH_CORE_H

/* First thing in main; may not return. */
void choose_core(char **argv);

#endif

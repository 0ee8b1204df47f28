#ifndef CPEAK_H
#define CPEAK_H

#include <stdint.h>

/// Multiplies and adds 8-bit integers in registers alone, `rounds` times over: as fast as this processor can.
///
/// Returns how many multiplications and additions that was on the calling thread; 0 where the processor has no AVX-512
/// with VNNI.
int64_t cpeak_integer_operations(int64_t rounds);

#endif

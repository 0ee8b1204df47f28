// Arrays that notice a kernel reading or writing outside them.
#ifndef CKERNELS_TESTS_GUARDED_H
#define CKERNELS_TESTS_GUARDED_H

#include <stdint.h>

/// Where an array lies between two pages that nobody may touch: up against the page behind it, against the page
/// before it, or one element further, so that no vector is aligned.
typedef enum { at_end, at_start, misaligned, placements } placement;

/// A copy of `count` elements of `size` bytes that must not change until `guarded_done`.
const void *guarded_input(const void *contents, int64_t count, int64_t size, placement where);
/// Room for a result. It starts as a copy of `contents`, or for NULL with every byte 0xff: as floats, not a number.
void *guarded_output(const void *contents, int64_t count, int64_t size, placement where);
/// Fails the check under way if an input or anything beside an array has changed, then forgets all arrays.
void guarded_done(void);
/// Whether a float of an output still holds what it started with when there were no contents.
int guarded_is_unwritten(const float *value);

#endif

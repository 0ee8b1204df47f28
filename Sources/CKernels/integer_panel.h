// The layout of an integer panel: what each group of columns holds, one group after the other.
#ifndef CKERNELS_INTEGER_PANEL_H
#define CKERNELS_INTEGER_PANEL_H

#include <math.h>

#include "include/CKernels.h"

/// A group of up to 128 columns. The values follow: [units][32 rows][4 bytes], a unit being four 8-bit or two 16-bit
/// columns; the last group of a panel may hold fewer units.
typedef struct {
    float scales[ck_panel_width];
    /// -128 times the sum of each row's 8-bit values: what 8-bit activations biased by 128 add too much. 0 for 16 bits.
    int32_t corrections[ck_panel_width];
    int8_t values[];
} ck_integer_group;

static inline int64_t ck_group_count(int64_t columns) { return (columns + ck_group_columns - 1) / ck_group_columns; }

/// Columns of a group.
static inline int64_t ck_columns_of_group(int64_t group, int64_t columns) {
    int64_t left = columns - group * ck_group_columns;
    return left < ck_group_columns ? left : ck_group_columns;
}

/// Bytes that a number of columns of `width` bytes takes in a row: whole units.
static inline int64_t ck_unit_bytes(int64_t columns, int32_t width) { return (columns * width + 3) / 4 * 4; }

/// Bytes of a whole group.
static inline int64_t ck_group_bytes(int32_t width) {
    return (int64_t)sizeof(ck_integer_group) + ck_panel_width * ck_group_columns * width;
}

/// The largest value: 4095 keeps the sum of 128 products of 16-bit values within 32 bits.
static inline float ck_value_limit(int32_t width) { return width == 1 ? 127 : 4095; }

/// 127 or 4095 over the largest magnitude; 0 when that isn't finite (a largest magnitude of about 1e-35 or less counts as
/// zero), or when the values aren't: `flaw` is then not a number.
static inline float ck_quantizing_factor(float largest, float flaw, int32_t width) {
    float factor = ck_value_limit(width) / largest;
    return flaw == 0 && factor <= 3e38f ? factor : 0;
}

/// Rounds a group's numbers to integers of `width` bytes, rounded up to a whole unit with zeros; returns the scale, which
/// is not a number when one of them isn't finite.
static inline float ck_round_group(const float *numbers, int64_t count, int32_t width, int16_t *values) {
    float largest = 0, flaw = 0;
    for (int64_t i = 0; i < count; i++) {
        float size = fabsf(numbers[i]);
        largest = size > largest ? size : largest;
        flaw += 0 * size;
    }
    float factor = ck_quantizing_factor(largest, flaw, width);
    for (int64_t i = 0; i < ck_unit_bytes(count, width) / width; i++) {
        values[i] = factor > 0 && i < count ? (int16_t)lrintf(numbers[i] * factor) : 0;
    }
    return largest / ck_value_limit(width) + flaw;
}

#endif

// Multiplication of 8- and 16-bit integers for any vector width. Included by vector_kernels.h, after the variant has
// defined the type `ivec` of as many int32 as `vec` has lanes, the number `dot_rows` and the operations used below.
#include "integer_panel.h"

// MARK: quantization

enum { group_vectors = ck_group_columns / lanes };

/// Adds and subtracts neighbours `distance` lanes apart.
INLINE vec butterfly(vec v, const int distance) {
    static const float signs[4][16] = {
        {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1},
        {1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1, 1, 1, -1, -1},
        {1, 1, 1, 1, -1, -1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1},
        {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1, -1},
    };
    return multiply_add(v, load(signs[__builtin_ctz(distance)]), swap_lanes(v, distance));
}

/// The Walsh-Hadamard transform of 128 values, not normalized: their product with a matrix of ±1.
INLINE void rotate_vectors(vec *x) {
    UNROLL for (int i = 0; i < group_vectors; i++) {
        UNROLL for (int distance = 1; distance < lanes; distance *= 2) { x[i] = butterfly(x[i], distance); }
    }
    UNROLL for (int distance = 1; distance < group_vectors; distance *= 2) {
        UNROLL for (int i = 0; i < group_vectors; i++) {
            if (!(i & distance)) {
                vec a = x[i], b = x[i + distance];
                x[i] = a + b;
                x[i + distance] = a - b;
            }
        }
    }
}

TARGET static void rotate_group(float *values) {
    vec x[group_vectors];
    UNROLL for (int i = 0; i < group_vectors; i++) { x[i] = load(values + i * lanes); }
    rotate_vectors(x);
    UNROLL for (int i = 0; i < group_vectors; i++) { store(values + i * lanes, x[i]); }
}

/// Rounds a group to integers of `width` bytes; returns the scale. `unit` is what the scale is to be multiplied by.
INLINE float quantize_vectors(const vec *x, const int32_t width, int8_t *values, float unit) {
    vec largest = zero(), check = zero();
    UNROLL for (int i = 0; i < group_vectors; i++) {
        largest = most(largest, magnitude(x[i]));
        // Zero for finite numbers, otherwise not a number.
        check = multiply_add(x[i], zero(), check);
    }
    float size = most_lane(largest), flaw = sum_lanes(check);
    vec factor = all(ck_quantizing_factor(size, flaw, width));
    UNROLL for (int i = 0; i < group_vectors; i++) {
        if (width == 1) {
            store_bytes(values + i * lanes, x[i] * factor);
        } else {
            store_words(values + 2 * i * lanes, x[i] * factor);
        }
    }
    return size * (unit / ck_value_limit(width)) + flaw;
}

/// Quantizes a whole group, for 8 bits after its rotation.
INLINE float quantize_group(const float *input, const int32_t width, int8_t *values) {
    vec x[group_vectors];
    UNROLL for (int i = 0; i < group_vectors; i++) { x[i] = load(input + i * lanes); }
    if (width == 1) {
        rotate_vectors(x);
        return quantize_vectors(x, width, values, 1.0f / ck_group_columns);
    }
    return quantize_vectors(x, width, values, 1);
}

/// Quantizes the last group of a row, of fewer than 128 columns, as it is.
INLINE float quantize_rest(const float *input, int64_t count, const int32_t width, int8_t *values) {
    vec x[group_vectors];
    int8_t bytes[2 * ck_group_columns];
    UNROLL for (int i = 0; i < group_vectors; i++) {
        int64_t left = count - i * lanes;
        x[i] = load_some(input + i * lanes, left < 0 ? 0 : left < lanes ? left : lanes);
    }
    float scale = quantize_vectors(x, width, bytes, 1);
    memcpy(values, bytes, (size_t)ck_unit_bytes(count, width));
    return scale;
}

INLINE void quantize_all_rows(
    const float *input, int64_t rows, int64_t columns, const int32_t width, int8_t *values, float *scales) {
    for (int64_t row = 0; row < rows; row++, input += columns, values += ck_unit_bytes(columns, width)) {
        for (int64_t column = 0; column < columns; column += ck_group_columns) {
            int64_t left = columns - column;
            *scales++ = left < ck_group_columns ? quantize_rest(input + column, left, width, values + column * width)
                                                : quantize_group(input + column, width, values + column * width);
        }
    }
}

TARGET static void quantize_rows(
    const float *input, int64_t rows, int64_t columns, int32_t width, void *values, float *scales) {
    if (width == 1) {
        quantize_all_rows(input, rows, columns, 1, values, scales);
    } else {
        quantize_all_rows(input, rows, columns, 2, values, scales);
    }
}

// MARK: multiplication

/// One tile: `rows` quantized rows by a pair of vectors of outputs. In a group, a unit of four or two columns of every
/// output is added at a time, in exact integers; then the sums are scaled and added up as floats.
INLINE void integer_tile(
    const char *panel, const int32_t width, int64_t columns, const int8_t *values, const float *scales, const int rows,
    float *output, int64_t output_stride, int64_t first, int64_t outputs) {
    const int64_t stride = ck_unit_bytes(columns, width), groups = ck_group_count(columns);
    vec totals[dot_rows][2];
    UNROLL for (int row = 0; row < rows; row++) { totals[row][0] = totals[row][1] = zero(); }
    for (int64_t group = 0; group < groups; group++) {
        const ck_integer_group *weights = (const ck_integer_group *)(panel + group * ck_group_bytes(width));
        ivec sums[dot_rows][2];
        UNROLL for (int row = 0; row < rows; row++) {
            sums[row][0] = width == 1 ? first_sum(weights->corrections + first) : no_sum();
            sums[row][1] = width == 1 ? first_sum(weights->corrections + first + lanes) : no_sum();
        }
        const int8_t *w = weights->values + 4 * first, *x = values + group * ck_group_columns * width;
        const int8_t *end = x + ck_unit_bytes(ck_columns_of_group(group, columns), width);
        for (; x < end; x += 4, w += 4 * ck_panel_width) {
            ivec low = load_bytes(w), high = load_bytes(w + 4 * lanes);
            UNROLL for (int row = 0; row < rows; row++) {
                ivec unit = repeat_unit(x + row * stride);
                if (width == 1) {
                    sums[row][0] = add_products_of_bytes(sums[row][0], unit, low);
                    sums[row][1] = add_products_of_bytes(sums[row][1], unit, high);
                } else {
                    sums[row][0] = add_products_of_words(sums[row][0], unit, low);
                    sums[row][1] = add_products_of_words(sums[row][1], unit, high);
                }
            }
        }
        vec low = load(weights->scales + first), high = load(weights->scales + first + lanes);
        UNROLL for (int row = 0; row < rows; row++) {
            vec scale = all(scales[row * groups + group]);
            totals[row][0] = multiply_add(float_of(sums[row][0]) * scale, low, totals[row][0]);
            totals[row][1] = multiply_add(float_of(sums[row][1]) * scale, high, totals[row][1]);
        }
    }
    UNROLL for (int row = 0; row < rows; row++) {
        float *out = output + row * output_stride + first;
        int64_t left = outputs - first;
        store_some(out, totals[row][0], left < lanes ? left : lanes);
        if (left > lanes) {
            store_some(out + lanes, totals[row][1], left < 2 * lanes ? left - lanes : lanes);
        }
    }
}

typedef void (*dot_tile)(
    const char *, int64_t, const int8_t *, const float *, float *, int64_t, int64_t, int64_t);

#define DEFINE_DOT_TILES(rows)                                                                               \
    TARGET static void byte_tile_##rows(                                                                     \
        const char *panel, int64_t columns, const int8_t *values, const float *scales, float *output,        \
        int64_t output_stride, int64_t first, int64_t outputs) {                                             \
        integer_tile(panel, 1, columns, values, scales, rows, output, output_stride, first, outputs);        \
    }                                                                                                        \
    TARGET static void word_tile_##rows(                                                                     \
        const char *panel, int64_t columns, const int8_t *values, const float *scales, float *output,        \
        int64_t output_stride, int64_t first, int64_t outputs) {                                             \
        integer_tile(panel, 2, columns, values, scales, rows, output, output_stride, first, outputs);        \
    }

DEFINE_DOT_TILES(1)
DEFINE_DOT_TILES(2)
DEFINE_DOT_TILES(3)
DEFINE_DOT_TILES(4)
#if WIDE_TILES
DEFINE_DOT_TILES(5)
DEFINE_DOT_TILES(6)
DEFINE_DOT_TILES(7)
DEFINE_DOT_TILES(8)
DEFINE_DOT_TILES(9)
DEFINE_DOT_TILES(10)
DEFINE_DOT_TILES(11)
DEFINE_DOT_TILES(12)
#endif

static const dot_tile byte_tiles[] = {
    0, byte_tile_1, byte_tile_2, byte_tile_3, byte_tile_4,
#if WIDE_TILES
    byte_tile_5, byte_tile_6, byte_tile_7, byte_tile_8, byte_tile_9, byte_tile_10, byte_tile_11, byte_tile_12,
#endif
};
static const dot_tile word_tiles[] = {
    0, word_tile_1, word_tile_2, word_tile_3, word_tile_4,
#if WIDE_TILES
    word_tile_5, word_tile_6, word_tile_7, word_tile_8, word_tile_9, word_tile_10, word_tile_11, word_tile_12,
#endif
};

/// Rows in tiles of nearly equal height.
TARGET static void multiply_integer_panel(
    const void *panel, int32_t width, int64_t columns, const void *values, const float *scales, int64_t m,
    float *output, int64_t output_stride, int64_t outputs) {
    const dot_tile *tiles = width == 1 ? byte_tiles : word_tiles;
    const int64_t stride = ck_unit_bytes(columns, width), groups = ck_group_count(columns);
    int64_t count = (m + dot_rows - 1) / dot_rows;
    for (int64_t row = 0, index = 0; index < count; index++) {
        int64_t rows = (m - row + count - index - 1) / (count - index);
        for (int64_t first = 0; first < outputs; first += 2 * lanes) {
            tiles[rows](
                panel, columns, (const int8_t *)values + row * stride, scales + row * groups,
                output + row * output_stride, output_stride, first, outputs);
        }
        row += rows;
    }
}

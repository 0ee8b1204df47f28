// The kernels for any vector width. Included once by each variant with vectors, after it has defined TARGET, INLINE,
// TABLE, the type `vec`, the numbers `lanes`, `tile_rows`, `score_rows`, `value_vectors` and the operations used below.
#include <math.h>
#include <string.h>

#include "half.h"
#include "table.h"

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

TARGET static void half_from_float(const float *input, uint16_t *output, int64_t count) {
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        store_half(output + i, load(input + i));
    }
    for (; i < count; i++) {
        output[i] = ck_half_of_float(input[i]);
    }
}

// MARK: exponentials

/// exp(r) - 1 and 2ⁿ for x = n ln 2 + r, |r| ≤ ln 2 / 2, by the Taylor series to r⁷ (truncation below 6e-9).
typedef struct {
    vec fraction, power;
} exponential;

INLINE exponential split_exp(vec x) {
    x = least(all(89), most(all(-87), x));
    vec n = nearest(x * all(1.44269504f));
    // ln 2 in two parts, the first short enough that n times it is exact.
    vec r = multiply_add(n, all(-0.693359375f), x);
    r = multiply_add(n, all(2.12194440e-4f), r);
    vec p = all(1.0f / 5040);
    p = multiply_add(p, r, all(1.0f / 720));
    p = multiply_add(p, r, all(1.0f / 120));
    p = multiply_add(p, r, all(1.0f / 24));
    p = multiply_add(p, r, all(1.0f / 6));
    p = multiply_add(p, r, all(0.5f));
    p = multiply_add(p, r, all(1));
    return (exponential){p * r, power_of_two(n)};
}

/// Relative error at most 2e-7 for x in -87...88; 1e-38 below, infinity above 88.4.
INLINE vec exp_of(vec x) {
    exponential e = split_exp(x);
    // One is added before the scaling: a negative fraction of an infinite power would not be a number.
    return (all(1) + e.fraction) * e.power;
}

/// tanh x = t / (t + 2), t = exp(2x) - 1 summed without cancellation: relative error at most 5e-7.
INLINE vec tanh_of(vec x) {
    x = least(all(10), most(all(-10), x));
    exponential e = split_exp(x + x);
    vec t = multiply_add(e.fraction, e.power, e.power - all(1));
    return t / (t + all(2));
}

// MARK: multiplication

/// One tile: `rows` input rows by a pair of vectors of outputs, over all of `columns`. With few rows the columns are
/// dealt out to several sums each, so that additions do not wait for one another.
INLINE void multiply_tile(
    const void *panel, const int is_half, int64_t columns, const float *input, int64_t stride, const int rows,
    float *output, int64_t output_stride, int64_t outputs) {
    const int phases = rows == 1 ? 4 : rows <= 3 ? 2 : 1;
    vec sums[12][2];
    UNROLL for (int i = 0; i < rows * phases; i++) { sums[i][0] = sums[i][1] = zero(); }
#define STEP(offset, phase)                                                                       \
    do {                                                                                          \
        vec low, high;                                                                            \
        if (is_half) {                                                                            \
            const uint16_t *weights = (const uint16_t *)panel + (column + offset) * ck_panel_width; \
            low = load_half(weights), high = load_half(weights + lanes);                          \
        } else {                                                                                  \
            const float *weights = (const float *)panel + (column + offset) * ck_panel_width;     \
            low = load(weights), high = load(weights + lanes);                                    \
        }                                                                                         \
        UNROLL for (int row = 0; row < rows; row++) {                                             \
            vec value = all(input[row * stride + column + offset]);                               \
            sums[row * phases + phase][0] = multiply_add(value, low, sums[row * phases + phase][0]);       \
            sums[row * phases + phase][1] = multiply_add(value, high, sums[row * phases + phase][1]);      \
        }                                                                                         \
    } while (0)
    int64_t column = 0;
    for (; column + phases <= columns; column += phases) {
        UNROLL for (int phase = 0; phase < phases; phase++) { STEP(phase, phase); }
    }
    for (; phases > 1 && column < columns; column++) {
        STEP(0, 0);
    }
#undef STEP
    UNROLL for (int row = 0; row < rows; row++) {
        vec *sum = sums[row * phases];
        UNROLL for (int phase = 1; phase < phases; phase++) {
            sum[0] += sums[row * phases + phase][0];
            sum[1] += sums[row * phases + phase][1];
        }
        float *out = output + row * output_stride;
        if (outputs >= 2 * lanes) {
            store(out, sum[0]);
            store(out + lanes, sum[1]);
        } else if (outputs > lanes) {
            store(out, sum[0]);
            store_some(out + lanes, sum[1], outputs - lanes);
        } else {
            store_some(out, sum[0], outputs);
        }
    }
}

typedef void (*tile)(const void *, int64_t, const float *, int64_t, float *, int64_t, int64_t);

#define DEFINE_TILES(rows)                                                                            \
    TARGET static void half_tile_##rows(                                                              \
        const void *panel, int64_t columns, const float *input, int64_t stride, float *output,        \
        int64_t output_stride, int64_t outputs) {                                                     \
        multiply_tile(panel, 1, columns, input, stride, rows, output, output_stride, outputs);        \
    }                                                                                                 \
    TARGET static void float_tile_##rows(                                                             \
        const void *panel, int64_t columns, const float *input, int64_t stride, float *output,        \
        int64_t output_stride, int64_t outputs) {                                                     \
        multiply_tile(panel, 0, columns, input, stride, rows, output, output_stride, outputs);        \
    }

DEFINE_TILES(1)
DEFINE_TILES(2)
DEFINE_TILES(3)
DEFINE_TILES(4)
DEFINE_TILES(5)
DEFINE_TILES(6)
#if WIDE_TILES
DEFINE_TILES(7)
DEFINE_TILES(8)
DEFINE_TILES(9)
DEFINE_TILES(10)
DEFINE_TILES(11)
DEFINE_TILES(12)
#endif

static const tile half_tiles[] = {
    0, half_tile_1, half_tile_2, half_tile_3, half_tile_4, half_tile_5, half_tile_6,
#if WIDE_TILES
    half_tile_7, half_tile_8, half_tile_9, half_tile_10, half_tile_11, half_tile_12,
#endif
};
static const tile float_tiles[] = {
    0, float_tile_1, float_tile_2, float_tile_3, float_tile_4, float_tile_5, float_tile_6,
#if WIDE_TILES
    float_tile_7, float_tile_8, float_tile_9, float_tile_10, float_tile_11, float_tile_12,
#endif
};

/// Input rows in tiles of nearly equal height. Halves are widened inside the tile: twelve rows use each weight, and
/// widening ahead into a buffer measured slower.
TARGET static void multiply_panel(
    const void *panel, int32_t is_half, int64_t columns, const float *input, int64_t input_stride, int64_t m,
    float *output, int64_t output_stride, int64_t outputs) {
    const tile *tiles = is_half ? half_tiles : float_tiles;
    const int64_t weight_bytes = is_half ? sizeof(uint16_t) : sizeof(float);
    int64_t count = (m + tile_rows - 1) / tile_rows;
    for (int64_t row = 0, index = 0; index < count; index++) {
        int64_t rows = (m - row + count - index - 1) / (count - index);
        for (int64_t offset = 0; offset < outputs; offset += 2 * lanes) {
            tiles[rows](
                (const char *)panel + offset * weight_bytes, columns, input + row * input_stride, input_stride,
                output + row * output_stride + offset, output_stride, outputs - offset);
        }
        row += rows;
    }
}

// MARK: vectors

TARGET static float dot(const float *a, const float *b, int64_t count) {
    vec sums[4] = {zero(), zero(), zero(), zero()};
    int64_t i = 0;
    for (; i + 4 * lanes <= count; i += 4 * lanes) {
        UNROLL for (int j = 0; j < 4; j++) {
            sums[j] = multiply_add(load(a + i + j * lanes), load(b + i + j * lanes), sums[j]);
        }
    }
    for (; i < count; i += lanes) {
        int64_t some = count - i < lanes ? count - i : lanes;
        sums[0] = multiply_add(load_some(a + i, some), load_some(b + i, some), sums[0]);
    }
    return sum_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

TARGET static void rms_norm(
    const float *input, const float *weight, float epsilon, int64_t rows, int64_t columns, float *output) {
    for (int64_t row = 0; row < rows; row++) {
        const float *x = input + row * columns;
        float *y = output + row * columns;
        float factor = 1 / sqrtf(dot(x, x, columns) / (float)columns + epsilon);
        for (int64_t i = 0; i < columns; i += lanes) {
            int64_t some = columns - i < lanes ? columns - i : lanes;
            store_some(y + i, load_some(x + i, some) * all(factor) * load_some(weight + i, some), some);
        }
    }
}

// gelu(x) = x/2 · (1 + tanh u) = x / (1 + exp(-2u)), u = sqrt(2/π) (x + 0.044715 x³): no cancellation for x < 0.
TARGET static void gelu_multiply(const float *gate, const float *up, float *output, int64_t count) {
    for (int64_t i = 0; i < count; i += lanes) {
        int64_t some = count - i < lanes ? count - i : lanes;
        vec x = load_some(gate + i, some);
        vec exponent = all(-1.5957691216f) * x * multiply_add(all(0.044715f) * x, x, all(1));
        store_some(output + i, x / (all(1) + exp_of(exponent)) * load_some(up + i, some), some);
    }
}

TARGET static void rope(float *vectors, int64_t heads, int64_t head_size, const float *cosines, const float *sines) {
    int64_t half = head_size / 2;
    for (int64_t head = 0; head < heads; head++) {
        float *low = vectors + head * head_size, *high = low + half;
        for (int64_t i = 0; i < half; i += lanes) {
            int64_t some = half - i < lanes ? half - i : lanes;
            vec a = load_some(low + i, some), b = load_some(high + i, some);
            vec cosine = load_some(cosines + i, some), sine = load_some(sines + i, some);
            store_some(low + i, multiply_add(a, cosine, -(b * sine)), some);
            store_some(high + i, multiply_add(b, cosine, a * sine), some);
        }
    }
}

TARGET static void add(float *values, const float *addend, int64_t count) {
    for (int64_t i = 0; i < count; i += lanes) {
        int64_t some = count - i < lanes ? count - i : lanes;
        store_some(values + i, load_some(values + i, some) + load_some(addend + i, some), some);
    }
}

TARGET static void scale(float *values, float factor, int64_t count) {
    for (int64_t i = 0; i < count; i += lanes) {
        int64_t some = count - i < lanes ? count - i : lanes;
        store_some(values + i, load_some(values + i, some) * all(factor), some);
    }
}

TARGET static void soft_cap(float *values, float cap, int64_t count) {
    for (int64_t i = 0; i < count; i += lanes) {
        int64_t some = count - i < lanes ? count - i : lanes;
        store_some(values + i, all(cap) * tanh_of(load_some(values + i, some) / all(cap)), some);
    }
}

// MARK: attention

enum {
    /// Query rows that share one pass over keys and values, and keys of one pass.
    row_block = 16,
    key_block = 64,
};

/// Up to `row_block` query rows in progress: what each has gathered, and its weights for the current keys.
typedef struct {
    _Alignas(64) float scores[row_block][key_block];
    const float *queries[row_block];
    float *outputs[row_block];
    const int32_t *ranges[row_block];
    float largest[row_block], sums[row_block];
    /// What the rows gathered before the current keys is to be multiplied by.
    float factors[row_block];
    int64_t rows, head_size;
} row_state;

/// `rows` query rows times four keys; keys past the end repeat the last one, and their scores are never looked at.
INLINE void score_tile(row_state *state, int64_t row, const int rows, const float *keys, int64_t stride,
                       int64_t key, int64_t count) {
    vec sums[4][4];
    const float *query[4], *each[4];
    UNROLL for (int r = 0; r < rows; r++) {
        query[r] = state->queries[row + r];
        UNROLL for (int k = 0; k < 4; k++) { sums[r][k] = zero(); }
    }
    UNROLL for (int k = 0; k < 4; k++) { each[k] = keys + (key + k < count ? key + k : count - 1) * stride; }
    int64_t i = 0;
    for (; i + lanes <= state->head_size; i += lanes) {
        UNROLL for (int r = 0; r < rows; r++) {
            vec q = load(query[r] + i);
            UNROLL for (int k = 0; k < 4; k++) { sums[r][k] = multiply_add(q, load(each[k] + i), sums[r][k]); }
        }
    }
    if (i < state->head_size) {
        int64_t some = state->head_size - i;
        UNROLL for (int r = 0; r < rows; r++) {
            vec q = load_some(query[r] + i, some);
            UNROLL for (int k = 0; k < 4; k++) {
                sums[r][k] = multiply_add(q, load_some(each[k] + i, some), sums[r][k]);
            }
        }
    }
    UNROLL for (int r = 0; r < rows; r++) { store_four_sums(state->scores[row + r] + key, sums[r]); }
}

/// Scores of all rows for `count` keys, at most `key_block`.
TARGET static void score_keys(row_state *state, const float *keys, int64_t stride, int64_t count) {
    for (int64_t key = 0; key < count; key += 4) {
        int64_t row = 0;
        for (; row + score_rows <= state->rows; row += score_rows) {
            score_tile(state, row, score_rows, keys, stride, key, count);
        }
        for (; row < state->rows; row++) {
            score_tile(state, row, 1, keys, stride, key, count);
        }
    }
}

/// Turns one row's scores into weights relative to the largest score so far; keys outside lower..<upper weigh nothing.
/// Returns the sum of the weights, and leaves the logarithm of the row's factor.
INLINE float weigh_row(row_state *state, int64_t row, int64_t lower, int64_t upper, int64_t count, float cap) {
    float *scores = state->scores[row];
    state->factors[row] = 0;
    if (lower >= upper) {
        memset(scores, 0, sizeof state->scores[row]);
        return 0;
    }
    vec largest = all(state->largest[row]);
    for (int64_t i = 0; i < count; i += lanes) {
        vec score = load(scores + i);
        if (cap > 0) {
            score = all(cap) * tanh_of(score / all(cap));
        }
        score = select_lanes(score, lower - i, upper - i, all(-INFINITY));
        store(scores + i, score);
        largest = most(largest, score);
    }
    float new_largest = most_lane(largest);
    vec sum = zero();
    for (int64_t i = 0; i < count; i += lanes) {
        vec weight = exp_of(load(scores + i) - all(new_largest));
        weight = select_lanes(weight, lower - i, upper - i, zero());
        store(scores + i, weight);
        sum += weight;
    }
    state->factors[row] = state->largest[row] - new_largest;
    state->largest[row] = new_largest;
    return sum_lanes(sum);
}

/// Turns all rows' scores of the span's keys from `key` on into weights.
TARGET static void weigh_keys(row_state *state, int which, int64_t key, int64_t count, float cap) {
    float sums[row_block] = {0};
    for (int64_t row = 0; row < state->rows; row++) {
        const int32_t *range = state->ranges[row] + which;
        int64_t lower = range[0] > key ? range[0] - key : 0;
        int64_t upper = range[1] < key + count ? range[1] - key : count;
        sums[row] = weigh_row(state, row, lower, upper, count, cap);
    }
    for (int64_t row = 0; row < row_block; row += lanes) {
        vec factor = exp_of(load(state->factors + row));
        store(state->factors + row, factor);
        store(state->sums + row, multiply_add(load(state->sums + row), factor, load(sums + row)));
    }
}

/// Adds weighted values to `rows` outputs, `vectors` vectors (or `some` lanes of one) from element `i` on.
INLINE void value_tile(row_state *state, int64_t row, const int rows, const float *values, int64_t stride,
                       int64_t count, int64_t i, const int vectors, int64_t some) {
    vec sums[4][4];
    UNROLL for (int r = 0; r < rows; r++) {
        vec factor = all(state->factors[row + r]);
        UNROLL for (int v = 0; v < vectors; v++) {
            const float *out = state->outputs[row + r] + i + v * lanes;
            sums[r][v] = factor * (some < lanes ? load_some(out, some) : load(out));
        }
    }
    for (int64_t key = 0; key < count; key++) {
        vec value[4];
        const float *from = values + key * stride + i;
        UNROLL for (int v = 0; v < vectors; v++) {
            value[v] = some < lanes ? load_some(from, some) : load(from + v * lanes);
        }
        UNROLL for (int r = 0; r < rows; r++) {
            vec weight = all(state->scores[row + r][key]);
            UNROLL for (int v = 0; v < vectors; v++) { sums[r][v] = multiply_add(weight, value[v], sums[r][v]); }
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int v = 0; v < vectors; v++) {
            float *out = state->outputs[row + r] + i + v * lanes;
            if (some < lanes) {
                store_some(out, sums[r][v], some);
            } else {
                store(out, sums[r][v]);
            }
        }
    }
}

/// Adds the weighted values of `count` keys to all rows.
TARGET static void add_values(row_state *state, const float *values, int64_t stride, int64_t count) {
    for (int64_t i = 0; i < state->head_size;) {
        int64_t left = state->head_size - i;
        int64_t row = 0;
        if (left >= value_vectors * lanes) {
            for (; row + 4 <= state->rows; row += 4) {
                value_tile(state, row, 4, values, stride, count, i, value_vectors, lanes);
            }
            for (; row < state->rows; row++) {
                value_tile(state, row, 1, values, stride, count, i, value_vectors, lanes);
            }
            i += value_vectors * lanes;
        } else {
            for (; row < state->rows; row++) {
                value_tile(state, row, 1, values, stride, count, i, 1, left < lanes ? left : lanes);
            }
            i += lanes;
        }
    }
}

/// Passes over the keys of one span that any row sees; `which` is 0 or 2, the place of the span in the ranges.
TARGET static void attend_span(
    row_state *state, int which, const float *keys, const float *values, int64_t stride, float cap) {
    int64_t lower = INT64_MAX, upper = 0;
    for (int64_t row = 0; row < state->rows; row++) {
        const int32_t *range = state->ranges[row] + which;
        if (range[0] < range[1]) {
            lower = range[0] < lower ? range[0] : lower;
            upper = range[1] > upper ? range[1] : upper;
        }
    }
    for (int64_t key = lower; key < upper; key += key_block) {
        int64_t count = upper - key < key_block ? upper - key : key_block;
        score_keys(state, keys + key * stride, stride, count);
        weigh_keys(state, which, key, count, cap);
        add_values(state, values + key * stride, stride, count);
    }
}

TARGET static void attention(
    const float *queries, int64_t query_stride, int64_t positions, int64_t heads, int64_t head_size,
    const float *keys_0, const float *values_0, int64_t stride_0,
    const float *keys_1, const float *values_1, int64_t stride_1,
    const int32_t *ranges, float cap, float *output, int64_t output_stride) {
    row_state state = {.head_size = head_size};
    for (int64_t first_row = 0; first_row < positions * heads; first_row += row_block) {
        int64_t left = positions * heads - first_row;
        state.rows = left < row_block ? left : row_block;
        for (int64_t row = 0; row < state.rows; row++) {
            int64_t position = (first_row + row) / heads, head = (first_row + row) % heads;
            state.queries[row] = queries + position * query_stride + head * head_size;
            state.outputs[row] = output + position * output_stride + head * head_size;
            state.ranges[row] = ranges + 4 * position;
            state.largest[row] = -INFINITY;
            state.sums[row] = 0;
            memset(state.outputs[row], 0, (size_t)head_size * sizeof(float));
        }
        attend_span(&state, 0, keys_0, values_0, stride_0, cap);
        attend_span(&state, 2, keys_1, values_1, stride_1, cap);
        for (int64_t row = 0; row < state.rows; row++) {
            if (state.sums[row] > 0) {
                scale(state.outputs[row], 1 / state.sums[row], head_size);
            }
        }
    }
}

#include "integer_kernels.h"

const ck_table TABLE = {
    .half_from_float = half_from_float,
    .multiply_panel = multiply_panel,
    .rotate_group = rotate_group,
    .quantize_rows = quantize_rows,
    .multiply_integer_panel = multiply_integer_panel,
    .rms_norm = rms_norm,
    .gelu_multiply = gelu_multiply,
    .rope = rope,
    .add = add,
    .scale = scale,
    .soft_cap = soft_cap,
    .dot = dot,
    .attention = attention,
};

// Plain C for any processor: the plainest form of each kernel, and what runs where no variant fits.
#include <math.h>

#include "half.h"
#include "integer_panel.h"
#include "table.h"

static void half_from_float(const float *input, uint16_t *output, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        output[i] = ck_half_of_float(input[i]);
    }
}

static void float_from_half(const uint16_t *input, float *output, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        output[i] = ck_float_of_half(input[i]);
    }
}

/// Input rows that share one widening of the weights.
enum { tile_rows = 8 };

static void multiply_panel(
    const void *panel, int32_t is_half, int64_t columns, const float *input, int64_t input_stride, int64_t m,
    float *output, int64_t output_stride, int64_t outputs) {
    for (int64_t first = 0; first < m; first += tile_rows) {
        int64_t rows = m - first < tile_rows ? m - first : tile_rows;
        float sums[tile_rows][ck_panel_width] = {{0}};
        for (int64_t column = 0; column < columns; column++) {
            float weights[ck_panel_width];
            if (is_half) {
                float_from_half((const uint16_t *)panel + column * ck_panel_width, weights, ck_panel_width);
            } else {
                memcpy(weights, (const float *)panel + column * ck_panel_width, sizeof weights);
            }
            for (int64_t row = 0; row < rows; row++) {
                float value = input[(first + row) * input_stride + column];
                for (int i = 0; i < ck_panel_width; i++) {
                    sums[row][i] += value * weights[i];
                }
            }
        }
        for (int64_t row = 0; row < rows; row++) {
            memcpy(output + (first + row) * output_stride, sums[row], (size_t)outputs * sizeof(float));
        }
    }
}

static void rotate_group(float *values) {
    for (int step = 1; step < ck_group_columns; step *= 2) {
        for (int i = 0; i < ck_group_columns; i++) {
            if (!(i & step)) {
                float a = values[i], b = values[i + step];
                values[i] = a + b;
                values[i + step] = a - b;
            }
        }
    }
}

static void quantize_rows(
    const float *input, int64_t rows, int64_t columns, int32_t width, void *values, float *scales) {
    int64_t stride = ck_unit_bytes(columns, width), groups = ck_group_count(columns);
    for (int64_t row = 0; row < rows; row++) {
        for (int64_t group = 0; group < groups; group++) {
            int64_t start = group * ck_group_columns, count = ck_columns_of_group(group, columns);
            float x[ck_group_columns] = {0};
            memcpy(x, input + row * columns + start, (size_t)count * sizeof(float));
            float unit = 1;
            if (width == 1 && count == ck_group_columns) {
                rotate_group(x);
                unit = 1.0f / ck_group_columns;
            }
            int16_t rounded[ck_group_columns];
            scales[row * groups + group] = unit * ck_round_group(x, count, width, rounded);
            int8_t *bytes = (int8_t *)values + row * stride + start * width;
            for (int64_t i = 0; i < ck_unit_bytes(count, width) / width; i++) {
                if (width == 1) {
                    bytes[i] = (int8_t)rounded[i];
                } else {
                    memcpy(bytes + 2 * i, rounded + i, sizeof *rounded);
                }
            }
        }
    }
}

/// The value at `index` among values of `width` bytes.
static int32_t value_at(const int8_t *values, int64_t index, int32_t width) {
    if (width == 1) {
        return values[index];
    }
    int16_t value;
    memcpy(&value, values + 2 * index, sizeof value);
    return value;
}

static void multiply_integer_panel(
    const void *panel, int32_t width, int64_t columns, const void *values, const float *scales, int64_t m,
    float *output, int64_t output_stride, int64_t outputs) {
    int64_t stride = ck_unit_bytes(columns, width), groups = ck_group_count(columns), unit = 4 / width;
    for (int64_t row = 0; row < m; row++) {
        float totals[ck_panel_width] = {0};
        for (int64_t group = 0; group < groups; group++) {
            const ck_integer_group *weights =
                (const ck_integer_group *)((const char *)panel + group * ck_group_bytes(width));
            const int8_t *x = (const int8_t *)values + row * stride + group * ck_group_columns * width;
            int32_t sums[ck_panel_width] = {0};
            for (int64_t column = 0; column < ck_columns_of_group(group, columns); column++) {
                int64_t first = column / unit * unit * ck_panel_width + column % unit;
                for (int i = 0; i < ck_panel_width; i++) {
                    sums[i] += value_at(x, column, width) * value_at(weights->values, first + i * unit, width);
                }
            }
            for (int i = 0; i < ck_panel_width; i++) {
                totals[i] += (float)sums[i] * scales[row * groups + group] * weights->scales[i];
            }
        }
        memcpy(output + row * output_stride, totals, (size_t)outputs * sizeof(float));
    }
}

static void rms_norm(
    const float *input, const float *weight, float epsilon, int64_t rows, int64_t columns, float *output) {
    for (int64_t row = 0; row < rows; row++) {
        const float *x = input + row * columns;
        float *y = output + row * columns;
        double sum = 0;
        for (int64_t i = 0; i < columns; i++) {
            sum += (double)x[i] * x[i];
        }
        float factor = (float)(1 / sqrt(sum / (double)columns + epsilon));
        for (int64_t i = 0; i < columns; i++) {
            y[i] = x[i] * factor * weight[i];
        }
    }
}

// gelu(x) = x/2 · (1 + tanh u) = x / (1 + exp(-2u)), u = sqrt(2/π) (x + 0.044715 x³): no cancellation for x < 0.
static void gelu_multiply(const float *gate, const float *up, float *output, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        float x = gate[i];
        float exponent = -1.5957691216f * x * (1 + 0.044715f * x * x);
        output[i] = x / (1 + expf(exponent)) * up[i];
    }
}

static void rope(float *vectors, int64_t heads, int64_t head_size, const float *cosines, const float *sines) {
    int64_t half = head_size / 2;
    for (int64_t head = 0; head < heads; head++) {
        float *low = vectors + head * head_size, *high = low + half;
        for (int64_t i = 0; i < half; i++) {
            float a = low[i], b = high[i];
            low[i] = a * cosines[i] - b * sines[i];
            high[i] = b * cosines[i] + a * sines[i];
        }
    }
}

static void add(float *values, const float *addend, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        values[i] += addend[i];
    }
}

static void scale(float *values, float factor, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        values[i] *= factor;
    }
}

static void soft_cap(float *values, float cap, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        values[i] = cap * tanhf(values[i] / cap);
    }
}

static float dot(const float *a, const float *b, int64_t count) {
    float sums[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= count; i += 8) {
        for (int lane = 0; lane < 8; lane++) {
            sums[lane] += a[i + lane] * b[i + lane];
        }
    }
    for (int lane = 0; i < count; i++, lane++) {
        sums[lane] += a[i] * b[i];
    }
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// What one query row has gathered so far: the largest score and the sum of exp(score - largest).
typedef struct {
    float largest, sum;
} softmax_state;

// One span for one query row, key by key; earlier sums are scaled down when a larger score appears.
static void attend_span(
    const float *query, int64_t head_size, const float *keys, const float *values, int64_t stride, int64_t lower,
    int64_t upper, float cap, softmax_state *state, float *output) {
    for (int64_t key = lower; key < upper; key++) {
        float score = dot(query, keys + key * stride, head_size);
        if (cap > 0) {
            score = cap * tanhf(score / cap);
        }
        if (score > state->largest) {
            float factor = expf(state->largest - score);
            state->largest = score;
            state->sum *= factor;
            scale(output, factor, head_size);
        }
        float weight = expf(score - state->largest);
        state->sum += weight;
        for (int64_t i = 0; i < head_size; i++) {
            output[i] += weight * values[key * stride + i];
        }
    }
}

static void attention(
    const float *queries, int64_t query_stride, int64_t positions, int64_t heads, int64_t head_size,
    const float *keys_0, const float *values_0, int64_t stride_0,
    const float *keys_1, const float *values_1, int64_t stride_1,
    const int32_t *ranges, float cap, float *output, int64_t output_stride) {
    for (int64_t position = 0; position < positions; position++) {
        const int32_t *range = ranges + 4 * position;
        for (int64_t head = 0; head < heads; head++) {
            const float *query = queries + position * query_stride + head * head_size;
            float *row = output + position * output_stride + head * head_size;
            softmax_state state = {-INFINITY, 0};
            memset(row, 0, (size_t)head_size * sizeof(float));
            attend_span(query, head_size, keys_0, values_0, stride_0, range[0], range[1], cap, &state, row);
            attend_span(query, head_size, keys_1, values_1, stride_1, range[2], range[3], cap, &state, row);
            if (state.sum > 0) {
                scale(row, 1 / state.sum, head_size);
            }
        }
    }
}

const ck_table ck_scalar_table = {
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

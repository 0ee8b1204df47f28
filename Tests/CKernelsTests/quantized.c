// Rows and panels of integers, and their products, against the layout in integer_panel.h and sums in double precision.
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "check.h"
#include "checks.h"
#include "guarded.h"

enum {
    most_rows = 30,
    most_columns = 400,
    most_groups = 4,
    most_group_bytes = ck_panel_width * (4 + 4 + 2 * ck_group_columns),
};

static const int64_t lengths[] = {0,  1,  2,  3,  4,  5,   7,   8,   9,   12,  15,  16,  17,  20,  31, 32,
                                 33, 61, 64, 66, 96, 125, 126, 127, 128, 129, 131, 132, 200, 256, 259, 400};
enum { length_count = sizeof lengths / sizeof *lengths };

/// Bytes of an integer in the checks under way, 1 or 2, and its largest magnitude.
static int32_t width;
static int limit;

static random_source source = {5};

/// What rows and panels are made from, and what they are made into.
static float input[most_rows * most_columns], weights[ck_panel_width * most_columns];
static int8_t row_values[most_rows * 2 * most_columns];
static float row_scales[most_rows * most_groups];
static uint8_t panel[most_groups * most_group_bytes];

static int64_t groups_of(int64_t columns) { return (columns + ck_group_columns - 1) / ck_group_columns; }
/// Columns of a unit of four bytes, and whole units of columns.
static int64_t unit(void) { return 4 / width; }
static int64_t padded(int64_t columns) { return (columns + unit() - 1) / unit() * unit(); }
static int64_t group_bytes(void) { return ck_panel_width * (4 + 4 + ck_group_columns * width); }

/// How the variant in use stores a zero; some store values with 128 added.
static uint8_t stored_zero(void) {
    int8_t values[8];
    float scale, zeros[4] = {0};
    ck_quantize_rows(ck_active_kernels(), zeros, 1, 4, width, values, &scale);
    return (uint8_t)values[0];
}

static int value_at(const void *stored, int64_t index, uint8_t zero) {
    if (width == 1) {
        return (int8_t)(((const uint8_t *)stored)[index] ^ zero);
    }
    int16_t word;
    memcpy(&word, (const char *)stored + 2 * index, sizeof word);
    return word;
}

static void put_value(void *stored, int64_t index, uint8_t zero, int value) {
    if (width == 1) {
        ((uint8_t *)stored)[index] = (uint8_t)value ^ zero;
    } else {
        int16_t word = (int16_t)value;
        memcpy((char *)stored + 2 * index, &word, sizeof word);
    }
}

/// Weight of one row and column of a panel: where its value stands, its scale, the correction of its group.
static uint8_t *panel_place(uint8_t *packed, int64_t row, int64_t column) {
    int64_t group = column / ck_group_columns, place = column % ck_group_columns;
    int64_t index = place / unit() * unit() * ck_panel_width + unit() * row + place % unit();
    return packed + group * group_bytes() + 8 * ck_panel_width + index * width;
}
static float panel_scale(const uint8_t *packed, int64_t row, int64_t group) {
    float scale;
    memcpy(&scale, packed + group * group_bytes() + 4 * row, sizeof scale);
    return scale;
}
static int32_t panel_correction(const uint8_t *packed, int64_t row, int64_t group) {
    int32_t correction;
    memcpy(&correction, packed + group * group_bytes() + 4 * (ck_panel_width + row), sizeof correction);
    return correction;
}

/// The numbers that a row of `columns` is quantized from: for 8 bits each whole group after the Walsh-Hadamard
/// transform, by its definition (the sign of term i in coefficient k is the parity of i & k), all else as it is.
static void transform(const float *row, int64_t columns, double *coefficients) {
    static double signs[ck_group_columns][ck_group_columns];
    if (signs[0][0] == 0) {
        for (int k = 0; k < ck_group_columns; k++) {
            for (int i = 0; i < ck_group_columns; i++) {
                signs[k][i] = __builtin_parity((unsigned)(i & k)) ? -1 : 1;
            }
        }
    }
    const int64_t whole = width == 1 ? columns / ck_group_columns * ck_group_columns : 0;
    for (int64_t c = 0; c < columns; c++) {
        const float *group = row + c / ck_group_columns * ck_group_columns;
        coefficients[c] = c < whole ? 0 : row[c];
        for (int64_t i = 0; c < whole && i < ck_group_columns; i++) {
            coefficients[c] += signs[c % ck_group_columns][i] * group[i];
        }
    }
}

/// What the transform of both factors multiplies a product by.
static double gain_of(int64_t columns, int64_t group) {
    return width == 1 && (group + 1) * ck_group_columns <= columns ? ck_group_columns : 1;
}

/// One row of numbers whose groups differ in size: ordinary, tiny, huge, zero; every other row with a single outlier.
static void fill_row(float *row, int64_t columns, int kind) {
    static const float sizes[] = {1, 1e-30f, 1e30f, 0, 1e35f, 1e-38f};
    for (int64_t i = 0; i < columns; i++) {
        float size = sizes[(kind + i / ck_group_columns) % 6];
        row[i] = random_float(&source, -size, size);
    }
    if (kind % 2 && columns) {
        row[random_bits(&source) % (uint64_t)columns] *= 50;
    }
}

/// Holds the values and the scale of one group of one row against the numbers they stand for.
static void compare_group(const double *numbers, int64_t count, const int *values, double scale) {
    // Below this, scales are no longer normal numbers.
    static const double smallest = 1e-33;
    double largest = 0;
    for (int64_t i = 0; i < count; i++) {
        largest = fmax(largest, fabs(numbers[i]));
    }
    check_true(fabs(scale - largest / limit) <= 1e-5 * largest / limit + (largest < smallest ? smallest : 0),
               "the scale does not follow from the largest");
    for (int64_t i = 0; i < padded(count); i++) {
        check_true(values[i] >= -limit && values[i] <= limit, "a value beyond the limit");
        if (i >= count) {
            check_true(values[i] == 0, "padding is not zero");
        } else if (largest >= smallest) {
            check_value(values[i] * scale, numbers[i], scale);
        } else {
            check_true(fabs(values[i] * scale - numbers[i]) <= smallest, "a tiny group grew");
        }
    }
}

static void quantized_rows(void) {
    check_begin(width == 1 ? "rows to 8 bits" : "rows to 16 bits", "of the scale", 0.5015);
    const uint8_t zero = stored_zero();
    for (int length = 0; length < length_count; length++) {
        for (int rows = 0; rows <= 6; rows += rows ? 5 : 1) {
            for (placement where = at_end; where < placements; where++) {
                const int64_t columns = lengths[length], groups = groups_of(columns);
                const int64_t stride = ck_quantized_stride(columns, width);
                check_case("%d rows of %lld, placement %d", rows, (long long)columns, where);
                check_true(stride == padded(columns) * width, "unexpected stride");
                for (int row = 0; row < rows; row++) {
                    fill_row(input + row * columns, columns, row);
                }
                int8_t *values = guarded_output(NULL, rows * stride / width, width, where);
                float *scales = guarded_output(NULL, rows * groups, sizeof(float), where);
                ck_quantize_rows(
                    ck_active_kernels(), guarded_input(input, rows * columns, sizeof(float), where), rows, columns,
                    width, values, scales);
                double numbers[most_columns];
                for (int64_t i = 0; i < rows * groups; i++) {
                    int64_t row = i / groups, start = i % groups * ck_group_columns;
                    if (start == 0) {
                        transform(input + row * columns, columns, numbers);
                    }
                    int64_t count = columns - start < ck_group_columns ? columns - start : ck_group_columns;
                    int decoded[ck_group_columns];
                    for (int64_t c = 0; c < padded(count); c++) {
                        decoded[c] = value_at(values + row * stride, start + c, zero);
                    }
                    compare_group(numbers + start, count, decoded, scales[i] * gain_of(columns, i % groups));
                }
                guarded_done();
            }
        }
    }
}

static void quantized_panels(void) {
    check_begin(width == 1 ? "panels of 8 bits" : "panels of 16 bits", "of the scale", 0.5015);
    static const float numbers_of_none[most_columns];
    for (int length = 0; length < length_count; length++) {
        for (int64_t count = 0; count <= ck_panel_width; count += count % 2 ? 7 : 1) {
            const int64_t columns = lengths[length], bytes = ck_integer_panel_bytes(columns, width);
            const placement where = (placement)((length + count) % placements);
            check_case("%lld rows of %lld, placement %d", (long long)count, (long long)columns, where);
            check_true(bytes == groups_of(columns) * 8 * ck_panel_width + padded(columns) * width * ck_panel_width,
                       "unexpected size");
            for (int64_t row = 0; row < count; row++) {
                fill_row(weights + row * columns, columns, (int)row);
            }
            const float *source_rows = guarded_input(weights, count * columns, sizeof(float), where);
            uint8_t *packed = guarded_output(NULL, bytes / 4, 4, where);
            ck_pack_integer_panel(source_rows, count, columns, width, packed);
            double numbers[most_columns];
            for (int64_t i = 0; i < ck_panel_width * groups_of(columns); i++) {
                int64_t row = i / groups_of(columns), group = i % groups_of(columns), start = group * ck_group_columns;
                if (group == 0) {
                    transform(row < count ? weights + row * columns : numbers_of_none, columns, numbers);
                }
                int64_t held = columns - start < ck_group_columns ? columns - start : ck_group_columns;
                int decoded[ck_group_columns], sum = 0;
                for (int64_t c = 0; c < padded(held); c++) {
                    decoded[c] = value_at(panel_place(packed, row, start + c), 0, 0);
                    sum += decoded[c];
                }
                compare_group(numbers + start, held, decoded, panel_scale(packed, row, group));
                check_true(panel_correction(packed, row, group) == (width == 1 ? -128 * sum : 0), "wrong correction");
            }
            guarded_done();
        }
    }
}

typedef struct {
    int64_t m, outputs, columns, gap;
    /// Every value is at its limit: the sums are as large as they can be.
    int extreme;
    placement where;
} product;

/// The largest value, mostly of one sign, and for some products always.
static int extreme_value(const product *p) { return random_bits(&source) % 8 || p->m % 2 ? limit : -limit; }

/// Puts the largest values into the panel and the rows; padding stays zero.
static void make_extreme(const product *p, uint8_t zero) {
    for (int64_t i = 0; i < p->m * p->columns; i++) {
        int64_t row = i / p->columns, column = i % p->columns;
        put_value(row_values + row * ck_quantized_stride(p->columns, width), column, zero, extreme_value(p));
    }
    for (int64_t group = 0; group < groups_of(p->columns); group++) {
        int64_t left = p->columns - group * ck_group_columns;
        int64_t count = left < ck_group_columns ? left : ck_group_columns;
        for (int64_t row = 0; row < ck_panel_width; row++) {
            int32_t sum = 0;
            for (int64_t c = group * ck_group_columns; c < group * ck_group_columns + count; c++) {
                int value = -extreme_value(p);
                put_value(panel_place(panel, row, c), 0, 0, value);
                sum += value;
            }
            sum *= width == 1 ? -128 : 0;
            memcpy(panel + group * group_bytes() + 4 * (ck_panel_width + row), &sum, sizeof sum);
        }
    }
}

/// The exact product of what a row and a panel hold, and the error that adding its groups in floats may cause.
static double product_as_held(const product *p, int64_t row, int64_t output, uint8_t zero, double *allowed) {
    const int64_t groups = groups_of(p->columns), stride = ck_quantized_stride(p->columns, width);
    double sum = 0;
    *allowed = 0;
    for (int64_t group = 0; group < groups; group++) {
        int64_t integers = 0;
        for (int64_t c = group * ck_group_columns; c < (group + 1) * ck_group_columns && c < stride / width; c++) {
            integers += (int64_t)value_at(row_values + row * stride, c, zero) *
                        value_at(panel_place(panel, output, c), 0, 0);
        }
        double term = (double)integers * row_scales[row * groups + group] * panel_scale(panel, output, group);
        sum += term;
        *allowed += fabs(term) * (double)(groups + 2) * 0x1p-24;
    }
    return sum;
}

/// What the rows and the weights of one product are after the transform.
static double row_numbers[most_rows][most_columns], weight_numbers[ck_panel_width][most_columns];

/// The product of the numbers that a row and a panel were made from, and what half a scale in every factor may change.
static double product_before(const product *p, int64_t row, int64_t output, double *allowed) {
    const double *x = row_numbers[row], *w = weight_numbers[output];
    double sum = 0;
    *allowed = 0;
    for (int64_t c = 0; c < p->columns; c++) {
        const int64_t group = c / ck_group_columns;
        const double gain = gain_of(p->columns, group);
        const double scale = row_scales[row * groups_of(p->columns) + group];
        const double weight_scale = panel_scale(panel, output, group);
        sum += (double)input[row * p->columns + c] * weights[output * p->columns + c];
        *allowed += 0.502 * (fabs(x[c] / gain) * weight_scale + fabs(w[c]) * scale) + 0.252 * scale * weight_scale;
    }
    return sum;
}

static void multiply(product p, int as_held) {
    check_case("%lld x %lld x %lld, gap %lld, extreme %d, placement %d", (long long)p.m, (long long)p.outputs,
               (long long)p.columns, (long long)p.gap, p.extreme, p.where);
    const uint8_t zero = stored_zero();
    const int64_t output_stride = p.outputs + p.gap;
    const int64_t output_count = p.m ? (p.m - 1) * output_stride + p.outputs : 0;
    random_floats(&source, input, p.m * p.columns, -3, 3);
    random_floats(&source, weights, p.outputs * p.columns, -0.1f, 0.1f);
    ck_pack_integer_panel(weights, p.outputs, p.columns, width, panel);
    ck_quantize_rows(ck_active_kernels(), input, p.m, p.columns, width, row_values, row_scales);
    if (p.extreme && as_held) {
        make_extreme(&p, zero);
    }
    for (int64_t row = 0; row < p.m && !as_held; row++) {
        transform(input + row * p.columns, p.columns, row_numbers[row]);
    }
    for (int64_t row = 0; row < p.outputs && !as_held; row++) {
        transform(weights + row * p.columns, p.columns, weight_numbers[row]);
    }
    float *output = guarded_output(NULL, output_count, sizeof(float), p.where);
    ck_multiply_integer_panel(
        ck_active_kernels(), guarded_input(panel, ck_integer_panel_bytes(p.columns, width) / 4, 4, p.where), width,
        p.columns,
        guarded_input(row_values, p.m * ck_quantized_stride(p.columns, width) / width, width, p.where),
        guarded_input(row_scales, p.m * groups_of(p.columns), sizeof(float), p.where), p.m, output, output_stride,
        p.outputs);
    for (int64_t i = 0; i < output_count; i++) {
        const int64_t row = i / output_stride, place = i % output_stride;
        if (place >= p.outputs) {
            check_true(guarded_is_unwritten(output + i), "wrote between two rows");
            continue;
        }
        double allowed;
        double want = as_held ? product_as_held(&p, row, place, zero, &allowed)
                              : product_before(&p, row, place, &allowed);
        check_value(output[i], want, allowed);
    }
    guarded_done();
}

static void products(int as_held) {
    for (int64_t m = 0; m <= 26; m++) {
        for (int length = (int)m % 3; length < length_count; length += 3) {
            const int64_t outputs = (m + length) % 3 ? 1 + (m * 7 + length * 5) % ck_panel_width : ck_panel_width;
            const int64_t gap = length % 2 ? 3 : 0;
            multiply((product){m, outputs, lengths[length], gap, length % 5 == 0, m % placements}, as_held);
        }
    }
    for (int64_t outputs = 1; outputs <= ck_panel_width; outputs++) {
        for (int64_t m = 1; m <= 13; m += 4) {
            multiply((product){m, outputs, 6 + 40 * m % 150, 3, 0, (outputs + m) % placements}, as_held);
        }
    }
    for (int64_t m = 1; m <= most_rows; m += 7) {
        multiply((product){m, ck_panel_width, most_columns, 0, 1, at_end}, as_held);
    }
}

/// Runs the product of `not_finite`; all of `wrong_row` or of `wrong_output` (-1 for none) must not be finite.
static void multiply_flawed(int64_t m, int64_t columns, int64_t wrong_row, int64_t wrong_output) {
    ck_pack_integer_panel(weights, ck_panel_width, columns, width, panel);
    ck_quantize_rows(ck_active_kernels(), input, m, columns, width, row_values, row_scales);
    float *output = guarded_output(NULL, m * ck_panel_width, sizeof(float), at_end);
    ck_multiply_integer_panel(
        ck_active_kernels(), panel, width, columns, row_values, row_scales, m, output, ck_panel_width,
        ck_panel_width);
    for (int64_t i = 0; i < m * ck_panel_width; i++) {
        int flawed = i / ck_panel_width == wrong_row || i % ck_panel_width == wrong_output;
        check_true(isfinite(output[i]) == !flawed, "finite where it must not be, or the reverse");
    }
    guarded_done();
}

static void not_finite(void) {
    check_begin(width == 1 ? "what is not finite spoils only its own row, 8 bits"
                           : "what is not finite spoils only its own row, 16 bits",
                NULL, 0);
    enum { m = 14, columns = 150 };
    static const float flaws[] = {NAN, INFINITY, -INFINITY};
    random_floats(&source, input, m * columns, -1, 1);
    random_floats(&source, weights, ck_panel_width * columns, -1, 1);
    for (int row = 0; row < m; row++) {
        for (int flaw = 0; flaw < 3; flaw++) {
            for (int column = row; column < columns; column += 13) {
                check_case("%g in row %d, column %d", flaws[flaw], row, column);
                float *place = input + row * columns + column, before = *place;
                *place = flaws[flaw];
                multiply_flawed(m, columns, row, -1);
                for (int i = 0; i < 2 * m; i++) {
                    check_true(isnan(row_scales[i]) == (i == 2 * row + column / ck_group_columns), "the wrong group");
                }
                *place = before;
                check_case("%g in weight %d of row %d", flaws[flaw], column, row);
                place = weights + row * columns + column, before = *place;
                *place = flaws[flaw];
                multiply_flawed(m, columns, -1, row);
                *place = before;
            }
        }
    }
}

void check_quantized(void) {
    for (width = 1; width <= 2; width++) {
        limit = width == 1 ? 127 : 4095;
        quantized_rows();
        quantized_panels();
        check_begin(width == 1 ? "8-bit product of rows and panel as they are"
                               : "16-bit product of rows and panel as they are",
                    "of the groups' magnitudes times (groups + 2) times 2^-24", 1);
        products(1);
        check_begin(width == 1 ? "8-bit product against the numbers before"
                               : "16-bit product against the numbers before",
                    "of half a scale for each factor", 1);
        products(0);
        not_finite();
    }
}

// Packed panels of halves and floats, and products with them, against sums in double precision.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"
#include "check.h"
#include "checks.h"
#include "guarded.h"

enum { most_rows = 30, most_columns = 300, gap = 3 };

static random_source source = {2};

static void halves(void) {
    check_begin("halves round to nearest, ties to even", "absolute", 0);
    enum { columns = 40 };
    static float weights[ck_panel_width * columns];
    for (int round = 0; round < 200; round++) {
        check_case("round %d", round);
        for (int i = 0; i < ck_panel_width * columns; i++) {
            uint16_t half = (uint16_t)random_bits(&source);
            float next = (float)value_of_half((uint16_t)(half + 1)), value = (float)value_of_half(half);
            // Halves, numbers halfway between two of them or a little beside that, and any pattern of bits.
            float halfway = (value + next) / 2;
            uint32_t bits = (uint32_t)random_bits(&source);
            float any;
            memcpy(&any, &bits, sizeof any);
            float choices[] = {value, halfway, nextafterf(halfway, 0), nextafterf(halfway, INFINITY), any,
                               random_float(&source, -1, 1)};
            weights[i] = choices[random_bits(&source) % 6];
        }
        static const float corners[] = {0, -0.0f, 65504, 65519.996f, 65520, -1e9f, INFINITY, -INFINITY, 0x1p-25f,
                                        0x1.8p-24f, 0x1p-14f, 0x1.ffcp-15f, 0x1.ffep-15f, 1e-20f, 1e-40f, NAN};
        memcpy(weights + round, corners, sizeof corners);
        uint16_t *panel = guarded_output(NULL, ck_panel_width * columns, sizeof *panel, round % placements);
        ck_pack_panel(guarded_input(weights, ck_panel_width * columns, sizeof(float), round % placements),
                      ck_panel_width, columns, 1, panel);
        for (int row = 0; row < ck_panel_width; row++) {
            for (int column = 0; column < columns; column++) {
                double got = value_of_half(panel[column * ck_panel_width + row]);
                float weight = weights[row * columns + column];
                if (isnan(weight)) {
                    check_nan(got);
                } else {
                    check_value(got, rounded_to_half(weight), 1);
                    check_true(!signbit(weight) == !signbit(got), "the sign is lost");
                }
            }
        }
        guarded_done();
    }
}

static void panels(void) {
    check_begin("panels interleave rows, missing rows are zero", "absolute", 0);
    for (int is_half = 0; is_half < 2; is_half++) {
        for (int64_t count = 0; count <= ck_panel_width; count++) {
            for (int64_t columns = 0; columns <= 9; columns++) {
                check_case("%lld rows, %lld columns, half %d", (long long)count, (long long)columns, is_half);
                float rows[ck_panel_width * 9];
                random_floats(&source, rows, count * columns, -4, 4);
                placement where = (placement)((count + columns) % placements);
                void *panel = guarded_output(NULL, columns * ck_panel_width, is_half ? 2 : 4, where);
                const float *input = guarded_input(rows, count * columns, sizeof(float), where);
                ck_pack_panel(input, count, columns, is_half, panel);
                for (int64_t i = 0; i < columns * ck_panel_width; i++) {
                    int64_t row = i % ck_panel_width, column = i / ck_panel_width;
                    double want = row < count ? rows[row * columns + column] : 0;
                    if (is_half) {
                        check_value(value_of_half(((uint16_t *)panel)[i]), rounded_to_half(want), 1);
                    } else {
                        check_value(((float *)panel)[i], want, 1);
                    }
                }
                guarded_done();
            }
        }
    }
}

typedef struct {
    int is_half;
    int64_t m, outputs, columns;
    /// Floats between rows beyond their length.
    int64_t input_gap, output_gap;
    float input_size, weight_size;
    placement where;
} product;

static void multiply(product p) {
    static float input[most_rows * (most_columns + gap)], rows[ck_panel_width * most_columns];
    static uint8_t panel[ck_panel_width * most_columns * sizeof(float)];
    check_case("%lld x %lld x %lld, half %d, gaps %lld and %lld, sizes %g and %g, placement %d", (long long)p.m,
               (long long)p.outputs, (long long)p.columns, p.is_half, (long long)p.input_gap, (long long)p.output_gap,
               p.input_size, p.weight_size, p.where);
    int64_t input_stride = p.columns + p.input_gap, output_stride = p.outputs + p.output_gap;
    int64_t input_count = p.m ? (p.m - 1) * input_stride + p.columns : 0;
    int64_t output_count = p.m ? (p.m - 1) * output_stride + p.outputs : 0;
    random_floats(&source, input, input_count, -p.input_size, p.input_size);
    random_floats(&source, rows, p.outputs * p.columns, -p.weight_size, p.weight_size);
    ck_pack_panel(rows, p.outputs, p.columns, p.is_half, panel);
    float *output = guarded_output(NULL, output_count, sizeof(float), p.where);
    ck_multiply_panel(
        guarded_input(panel, p.columns * ck_panel_width, p.is_half ? 2 : 4, p.where), p.is_half, p.columns,
        guarded_input(input, input_count, sizeof(float), p.where), input_stride, p.m, output, output_stride, p.outputs);
    for (int64_t i = 0; i < output_count; i++) {
        int64_t row = i / output_stride, place = i % output_stride;
        if (place >= p.outputs) {
            check_true(guarded_is_unwritten(output + i), "wrote between two rows");
            continue;
        }
        double sum = 0, magnitudes = 0;
        for (int64_t column = 0; column < p.columns; column++) {
            double weight = rows[place * p.columns + column];
            double term = input[row * input_stride + column] * (p.is_half ? rounded_to_half(weight) : weight);
            sum += term;
            magnitudes += fabs(term);
        }
        check_value(output[i], sum, magnitudes * (double)p.columns * 0x1p-24);
    }
    guarded_done();
}

static void products(int is_half) {
    check_begin(is_half ? "product with a panel of halves" : "product with a panel of floats",
                "of the sum of magnitudes times columns times 2^-24", 1);
    static const int64_t widths[] = {0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 33, 64, 130};
    product p = {.is_half = is_half, .input_size = 1, .weight_size = 1};
    for (p.m = 0; p.m <= 26; p.m++) {
        for (size_t width = 0; width < sizeof widths / sizeof *widths; width++) {
            p.columns = widths[width];
            const int64_t odd = 1 + (p.m * 7 + (int64_t)width * 5) % ck_panel_width;
            p.outputs = (p.m + (int64_t)width) % 3 ? odd : ck_panel_width;
            p.where = (placement)((p.m + (int64_t)width) % placements);
            p.output_gap = width % 2 ? gap : 0;
            p.input_gap = width % 4 > 1 ? gap : 0;
            multiply(p);
        }
    }
    for (p.outputs = 1; p.outputs <= ck_panel_width; p.outputs++) {
        for (p.where = at_end; p.where < placements; p.where++) {
            for (p.m = 1; p.m <= 13; p.m += 4) {
                p.columns = 3 + p.m, p.input_gap = 1, p.output_gap = gap;
                multiply(p);
            }
        }
    }
    // Long rows; numbers near both ends of the range.
    static const float sizes[][2] = {{1, 1}, {1e-20f, 6e4f}, {1e30f, 1e-4f}};
    for (int size = 0; size < 3; size++) {
        for (int64_t m = 1; m < most_rows; m += 6) {
            multiply((product){is_half, m, ck_panel_width, most_columns, 0, 0, sizes[size][0], sizes[size][1], at_end});
        }
    }
}

static void not_finite(void) {
    check_begin("what is not finite spoils only its own row of a product", NULL, 0);
    enum { rows = 14, columns = 9 };
    static float input[rows * columns], weights[ck_panel_width * columns];
    static uint8_t panel[sizeof weights];
    static const float flaws[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < ck_panel_width * columns; i++) {
        weights[i] = 1;
    }
    for (int is_half = 0; is_half < 2; is_half++) {
        ck_pack_panel(weights, ck_panel_width, columns, is_half, panel);
        for (int row = 0; row < rows; row++) {
            for (int flaw = 0; flaw < 3; flaw++) {
                check_case("row %d, half %d, flaw %g", row, is_half, flaws[flaw]);
                for (int i = 0; i < rows * columns; i++) {
                    input[i] = i == row * columns + row % columns ? flaws[flaw] : 1;
                }
                float *output = guarded_output(NULL, rows * ck_panel_width, sizeof(float), at_end);
                ck_multiply_panel(
                    panel, is_half, columns, input, columns, rows, output, ck_panel_width, ck_panel_width);
                for (int i = 0; i < rows * ck_panel_width; i++) {
                    float want = i / ck_panel_width == row ? flaws[flaw] : columns;
                    check_true(output[i] == want || (isnan(output[i]) && isnan(want)), "wrong value");
                }
                guarded_done();
            }
        }
    }
}

void check_multiply(void) {
    halves();
    panels();
    products(0);
    products(1);
    not_finite();
}

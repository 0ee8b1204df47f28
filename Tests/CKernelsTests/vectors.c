// Norm, gelu, rotation, sums, scaling, soft cap and dot products against formulas in double precision.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"
#include "check.h"
#include "checks.h"
#include "guarded.h"

/// Lengths around every vector width and every unrolling.
static const int64_t lengths[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,   10,  11,  12,  13,  15,  16,  17, 19,
                                  20, 23, 24, 25, 31, 32, 33, 47, 48, 49,  63,  64,  65,  66,  79,  80,  95, 96,
                                  97, 127, 128, 129, 130, 255, 256, 257, 639, 640, 641};
enum { length_count = sizeof lengths / sizeof *lengths, longest = 641 };

static random_source source = {1};

#define EACH_LENGTH_AND_PLACEMENT(length, where)                            \
    for (int index_ = 0; index_ < length_count; index_++)                   \
        for (int64_t length = lengths[index_], once_ = 1; once_; once_ = 0) \
            for (placement where = at_end; where < placements; where++)

static void rms_norm(int in_place) {
    check_begin(in_place ? "rms norm in place" : "rms norm, rows from 1e-15 to 1e15", "relative", 1e-6);
    static const float sizes[] = {1, 1e-9f, 1e9f, 1e-15f, 1e15f};
    enum { rows = 5 };
    static float input[rows * longest], weight[longest];
    const float epsilon = 1e-6f;
    EACH_LENGTH_AND_PLACEMENT(columns, where) {
        check_case("%lld columns, placement %d", (long long)columns, where);
        for (int row = 0; row < rows; row++) {
            random_floats(&source, input + row * columns, columns, -sizes[row], sizes[row]);
        }
        random_floats(&source, weight, columns, -2, 2);
        float *output = guarded_output(in_place ? input : NULL, rows * columns, sizeof(float), where);
        const float *x = in_place ? output : guarded_input(input, rows * columns, sizeof(float), where);
        ck_rms_norm(x, guarded_input(weight, columns, sizeof(float), where), epsilon, rows, columns, output);
        for (int row = 0; row < rows; row++) {
            double sum = 0;
            for (int64_t i = 0; i < columns; i++) {
                sum += (double)input[row * columns + i] * input[row * columns + i];
            }
            double factor = 1 / sqrt(sum / (double)columns + epsilon);
            for (int64_t i = 0; i < columns; i++) {
                double want = input[row * columns + i] * factor * weight[i];
                check_value(output[row * columns + i], want, fabs(want));
            }
        }
        guarded_done();
    }
    check_case("no rows");
    ck_rms_norm(guarded_input(NULL, 0, 4, at_end), guarded_input(weight, 5, 4, at_end), epsilon, 0, 5,
                guarded_output(NULL, 0, 4, at_end));
    guarded_done();
}

/// Gates of at most `size`; `with_corners` puts values in between at which a careless formula breaks.
static void gelu(const char *name, float size, double bound, int with_corners) {
    check_begin(name, "relative, below 1e-30 absolute", bound);
    // At -10.05 the power of two inside the exponential is already infinite.
    static const float corners[] = {0,    -0.0f, -10.05f, 1e-30f, -1e-30f, 100,
                                    -100, 1e10f, -1e10f,  3e38f,  -3e38f,  INFINITY};
    static float gate[longest], up[longest];
    EACH_LENGTH_AND_PLACEMENT(count, where) {
        check_case("%lld values, placement %d", (long long)count, where);
        random_floats(&source, gate, count, -size, size);
        random_floats(&source, up, count, 0.5f, 1);
        for (size_t i = 0; with_corners && i < sizeof corners / sizeof *corners && (int64_t)i * 3 < count; i++) {
            gate[i * 3] = corners[i];
        }
        // Into its own room, over the gates, over the ups.
        for (int way = 0; way < 3; way++) {
            float *output = guarded_output(way == 0 ? NULL : way == 1 ? gate : up, count, sizeof(float), where);
            ck_gelu_multiply(
                way == 1 ? output : guarded_input(gate, count, sizeof(float), where),
                way == 2 ? output : guarded_input(up, count, sizeof(float), where), output, count);
            for (int64_t i = 0; i < count; i++) {
                double x = gate[i], u = sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x);
                double want = x / (1 + exp(-2 * u)) * up[i];
                check_value(output[i], want, fmax(fabs(want), 1e-30 / bound));
            }
            guarded_done();
        }
    }
}

static void soft_cap(void) {
    check_begin("soft cap, tiny, huge and infinite values", "relative", 1e-6);
    static const float corners[] = {0, 1e-20f, -1e-6f, 0.01f, -30, 1e30f, -INFINITY, INFINITY, 3e38f, -0.0f};
    static float values[longest];
    EACH_LENGTH_AND_PLACEMENT(count, where) {
        for (int way = 0; way < 2; way++) {
            float cap = way ? 50 : 30;
            check_case("%lld values, cap %g, placement %d", (long long)count, cap, where);
            random_floats(&source, values, count, -200, 200);
            for (size_t i = 0; i < sizeof corners / sizeof *corners && (int64_t)i * 2 < count; i++) {
                values[i * 2] = corners[i];
            }
            float *output = guarded_output(values, count, sizeof(float), where);
            ck_soft_cap(output, cap, count);
            for (int64_t i = 0; i < count; i++) {
                double want = cap * tanh((double)values[i] / cap);
                check_value(output[i], want, fabs(want));
                check_true(fabsf(output[i]) <= cap, "above the cap");
            }
            guarded_done();
        }
    }
}

static void not_a_number(void) {
    check_begin("what is not a number stays so, alone", NULL, 0);
    static float values[longest], ones[longest];
    for (int64_t count = 1; count <= 40; count++) {
        for (int64_t place = 0; place < count; place++) {
            check_case("value %lld of %lld", (long long)place, (long long)count);
            for (int64_t i = 0; i < count; i++) {
                values[i] = i == place ? NAN : 1;
                ones[i] = 1;
            }
            const float *up = guarded_input(ones, count, sizeof(float), at_end);
            float *gelu = guarded_output(values, count, sizeof(float), at_end);
            float *cap = guarded_output(values, count, sizeof(float), at_end);
            float *sum = guarded_output(values, count, sizeof(float), at_end);
            float *product = guarded_output(values, count, sizeof(float), at_end);
            ck_gelu_multiply(gelu, up, gelu, count);
            ck_soft_cap(cap, 30, count);
            ck_add(sum, up, count);
            ck_scale(product, 2, count);
            for (int64_t i = 0; i < count; i++) {
                const int wanted = i == place;
                check_true(isnan(gelu[i]) == wanted, "gelu");
                check_true(isnan(cap[i]) == wanted, "soft cap");
                check_true(isnan(sum[i]) == wanted, "add");
                check_true(isnan(product[i]) == wanted, "scale");
            }
            check_nan(ck_dot(values, up, count));
            guarded_done();
        }
    }
}

static void rope(void) {
    check_begin("rotation", "of the two products", 2e-7);
    enum { heads = 3 };
    static float vectors[heads * longest], cosines[longest], sines[longest];
    EACH_LENGTH_AND_PLACEMENT(half, where) {
        if (half > 130) {
            continue;
        }
        int64_t head_size = 2 * half;
        check_case("heads of %lld, placement %d", (long long)head_size, where);
        random_floats(&source, vectors, heads * head_size, -3, 3);
        for (int64_t i = 0; i < half; i++) {
            float angle = random_float(&source, -4, 4);
            cosines[i] = cosf(angle);
            sines[i] = sinf(angle);
        }
        float *output = guarded_output(vectors, heads * head_size, sizeof(float), where);
        ck_rope(output, heads, head_size, guarded_input(cosines, half, sizeof(float), where),
                guarded_input(sines, half, sizeof(float), where));
        for (int head = 0; head < heads; head++) {
            for (int64_t i = 0; i < half; i++) {
                const float *low = vectors + head * head_size + i;
                double a = low[0], b = low[half], c = cosines[i], s = sines[i];
                check_value(output[head * head_size + i], a * c - b * s, fabs(a * c) + fabs(b * s));
                check_value(output[head * head_size + half + i], b * c + a * s, fabs(b * c) + fabs(a * s));
            }
        }
        guarded_done();
    }
    check_case("no heads");
    ck_rope(guarded_output(NULL, 0, 4, at_end), 0, 8, guarded_input(cosines, 4, 4, at_end),
            guarded_input(sines, 4, 4, at_end));
    guarded_done();
}

static void add_and_scale(void) {
    check_begin("add and scale round once", "absolute", 0);
    static const float sizes[] = {1, 1e-38f, 3e38f};
    static float values[longest], addend[longest];
    EACH_LENGTH_AND_PLACEMENT(count, where) {
        for (int size = 0; size < 3; size++) {
            check_case("%lld values up to %g, placement %d", (long long)count, sizes[size], where);
            random_floats(&source, values, count, -sizes[size] / 2, sizes[size] / 2);
            random_floats(&source, addend, count, -sizes[size], sizes[size]);
            const float factor = 25.298f;
            float *sums = guarded_output(values, count, sizeof(float), where);
            float *products = guarded_output(values, count, sizeof(float), where);
            ck_add(sums, guarded_input(addend, count, sizeof(float), where), count);
            ck_scale(products, factor, count);
            for (int64_t i = 0; i < count; i++) {
                check_value(sums[i], (float)((double)values[i] + addend[i]), 1);
                check_value(products[i], (float)((double)values[i] * factor), 1);
            }
            guarded_done();
        }
    }
}

static void dot(void) {
    check_begin("dot product", "of the sum of magnitudes times count times 2^-24", 1);
    static const float sizes[] = {1, 1e-12f, 1e16f};
    static float a[longest], b[longest];
    EACH_LENGTH_AND_PLACEMENT(count, where) {
        for (int size = 0; size < 3; size++) {
            check_case("%lld values up to %g, placement %d", (long long)count, sizes[size], where);
            random_floats(&source, a, count, -sizes[size], sizes[size]);
            random_floats(&source, b, count, -sizes[size], sizes[size]);
            double sum = 0, magnitudes = 0;
            for (int64_t i = 0; i < count; i++) {
                sum += (double)a[i] * b[i];
                magnitudes += fabs((double)a[i] * b[i]);
            }
            float got = ck_dot(guarded_input(a, count, sizeof(float), where),
                               guarded_input(b, count, sizeof(float), (placement)((where + 1) % placements)), count);
            check_value(got, sum, magnitudes * (double)count * 0x1p-24);
            guarded_done();
        }
    }
}

void check_vectors(void) {
    rms_norm(0);
    rms_norm(1);
    gelu("gelu, |gate| up to 3", 3, 1.5e-6, 0);
    gelu("gelu, |gate| up to 5", 5, 4e-6, 0);
    gelu("gelu, |gate| of any size", 12, 1.5e-5, 1);
    soft_cap();
    not_a_number();
    rope();
    add_and_scale();
    dot();
}

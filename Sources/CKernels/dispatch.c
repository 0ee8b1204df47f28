// Chooses one table of kernels and forwards every call to it.
#include <math.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "integer_panel.h"
#include "table.h"

#if defined(__x86_64__)
#include <cpuid.h>

// The registers the operating system saves on a context switch (XCR0).
static uint64_t saved_registers(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

static int best_x86(void) {
    uint32_t eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
        return 0;
    }
    const uint32_t needed_1 = 1u << 12 | 1u << 27 | 1u << 28 | 1u << 29;  // FMA, OSXSAVE, AVX, F16C
    if ((ecx & needed_1) != needed_1) {
        return 0;
    }
    uint64_t saved = saved_registers();
    if ((saved & 0x06) != 0x06) {  // XMM, YMM
        return 0;
    }
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(ebx & 1u << 5)) {  // AVX2
        return 0;
    }
    const uint32_t needed_7 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;  // AVX-512 F, DQ, BW, VL
    const uint32_t vnni = 1u << 11;
    if ((ebx & needed_7) == needed_7 && (ecx & vnni) && (saved & 0xe6) == 0xe6) {  // and mask and ZMM registers
        return 2;
    }
    return 1;
}
#elif defined(__aarch64__)
#if defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#elif defined(__APPLE__)
#include <sys/sysctl.h>
#endif

static int has_dot_product(void) {
#if defined(__linux__)
    return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#elif defined(__APPLE__)
    int32_t answer = 0;
    size_t size = sizeof answer;
    return sysctlbyname("hw.optional.arm.FEAT_DotProd", &answer, &size, NULL, 0) == 0 && answer != 0;
#else
    return 0;
#endif
}
#endif

static const ck_table *table_of(int32_t variant) {
    if (variant == 0) {
        return &ck_scalar_table;
    }
#if defined(__x86_64__)
    if (variant == 1 && best_x86() >= 1) {
        return &ck_avx2_table;
    }
    if (variant == 2 && best_x86() >= 2) {
        return &ck_avx512_table;
    }
#elif defined(__aarch64__)
    if (variant == 3 && has_dot_product()) {
        return &ck_neon_table;
    }
#endif
    return NULL;
}

static const char *const names[] = {"scalar", "avx2", "avx512", "neon"};
enum { variants = sizeof names / sizeof *names };

int32_t ck_variant_for_name(const char *wanted) {
    for (int32_t variant = 0; wanted && variant < variants; variant++) {
        if (strcmp(wanted, names[variant]) == 0 && table_of(variant)) {
            return variant;
        }
    }
    int32_t best = variants - 1;
    while (!table_of(best)) {
        best--;
    }
    return best;
}

static _Atomic(const ck_table *) chosen = NULL;

static const ck_table *choose(void) {
    const ck_table *table = table_of(ck_variant_for_name(getenv("GATEHOUSE_KERNELS")));
    // Threads that come here at once choose the same table; a selection made meanwhile stays.
    const ck_table *expected = NULL;
    return atomic_compare_exchange_strong(&chosen, &expected, table) ? table : expected;
}

static const ck_table *active(void) {
    const ck_table *table = atomic_load_explicit(&chosen, memory_order_relaxed);
    return table ? table : choose();
}

int32_t ck_variant_is_available(int32_t variant) { return table_of(variant) != NULL; }

int32_t ck_variant_active(void) {
    const ck_table *table = active();
    int32_t variant = variants - 1;
    while (table_of(variant) != table) {
        variant--;
    }
    return variant;
}

void ck_variant_select(int32_t variant) {
    const ck_table *table = table_of(variant);
    if (table) {
        atomic_store_explicit(&chosen, table, memory_order_relaxed);
    }
}

void ck_pack_panel(const float *rows, int64_t count, int64_t columns, int32_t is_half, void *panel) {
    const ck_table *table = active();
    for (int64_t column = 0; column < columns; column++) {
        float slice[ck_panel_width] = {0};
        for (int64_t row = 0; row < count; row++) {
            slice[row] = rows[row * columns + column];
        }
        if (is_half) {
            table->half_from_float(slice, (uint16_t *)panel + column * ck_panel_width, ck_panel_width);
        } else {
            memcpy((float *)panel + column * ck_panel_width, slice, sizeof slice);
        }
    }
}

void ck_multiply_panel(
    const void *panel, int32_t is_half, int64_t columns, const float *input, int64_t input_stride, int64_t m,
    float *output, int64_t output_stride, int64_t outputs) {
    active()->multiply_panel(panel, is_half, columns, input, input_stride, m, output, output_stride, outputs);
}

int64_t ck_integer_panel_bytes(int64_t columns, int32_t width) {
    return ck_group_count(columns) * (int64_t)sizeof(ck_integer_group) + ck_unit_bytes(columns, width) * ck_panel_width;
}

void ck_pack_integer_panel(const float *rows, int64_t count, int64_t columns, int32_t width, void *panel) {
    const ck_table *table = active();
    const int64_t unit = 4 / width;
    for (int64_t group = 0; group < ck_group_count(columns); group++) {
        ck_integer_group *packed = (ck_integer_group *)((char *)panel + group * ck_group_bytes(width));
        int64_t start = group * ck_group_columns, held = ck_columns_of_group(group, columns);
        for (int64_t row = 0; row < ck_panel_width; row++) {
            float weights[ck_group_columns] = {0};
            if (row < count) {
                memcpy(weights, rows + row * columns + start, (size_t)held * sizeof(float));
            }
            if (width == 1 && held == ck_group_columns) {
                table->rotate_group(weights);
            }
            int16_t values[ck_group_columns];
            packed->scales[row] = ck_round_group(weights, held, width, values);
            int32_t sum = 0;
            for (int64_t i = 0; i < ck_unit_bytes(held, width) / width; i++) {
                int64_t place = i / unit * unit * ck_panel_width + row * unit + i % unit;
                if (width == 1) {
                    packed->values[place] = (int8_t)values[i];
                } else {
                    memcpy(packed->values + 2 * place, values + i, sizeof *values);
                }
                sum += values[i];
            }
            packed->corrections[row] = width == 1 ? -128 * sum : 0;
        }
    }
}

int64_t ck_quantized_stride(int64_t columns, int32_t width) { return ck_unit_bytes(columns, width); }

const ck_table *ck_active_kernels(void) { return active(); }

void ck_quantize_rows(
    const ck_table *kernels, const float *input, int64_t rows, int64_t columns, int32_t width, void *values,
    float *scales) {
    kernels->quantize_rows(input, rows, columns, width, values, scales);
}

void ck_multiply_integer_panel(
    const ck_table *kernels, const void *panel, int32_t width, int64_t columns, const void *values, const float *scales,
    int64_t m, float *output, int64_t output_stride, int64_t outputs) {
    kernels->multiply_integer_panel(panel, width, columns, values, scales, m, output, output_stride, outputs);
}

void ck_rms_norm(
    const float *input, const float *weight, float epsilon, int64_t rows, int64_t columns, float *output) {
    active()->rms_norm(input, weight, epsilon, rows, columns, output);
}

void ck_gelu_multiply(const float *gate, const float *up, float *output, int64_t count) {
    active()->gelu_multiply(gate, up, output, count);
}

void ck_rope(float *vectors, int64_t heads, int64_t head_size, const float *cosines, const float *sines) {
    active()->rope(vectors, heads, head_size, cosines, sines);
}

void ck_add(float *values, const float *addend, int64_t count) { active()->add(values, addend, count); }

void ck_scale(float *values, float factor, int64_t count) { active()->scale(values, factor, count); }

void ck_soft_cap(float *values, float cap, int64_t count) { active()->soft_cap(values, cap, count); }

float ck_dot(const float *a, const float *b, int64_t count) { return active()->dot(a, b, count); }

void ck_attention(
    const float *queries, int64_t query_stride, int64_t positions, int64_t heads, int64_t head_size,
    const float *keys_0, const float *values_0, int64_t stride_0,
    const float *keys_1, const float *values_1, int64_t stride_1,
    const int32_t *ranges, float soft_cap, float *output, int64_t output_stride) {
    active()->attention(
        queries, query_stride, positions, heads, head_size, keys_0, values_0, stride_0, keys_1, values_1, stride_1,
        ranges, soft_cap, output, output_stride);
}

void ck_pause(void) {
#if defined(__x86_64__)
    __asm__ volatile("pause");
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

// The C side of the CPU kernels. Only fixed-width integers, floats, pointers and counts cross this header.
// Shapes are checked by the Swift module `Kernels`; nothing here checks them again.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

enum {
    /// Output rows held side by side in one panel of a packed matrix.
    ck_panel_width = 32,
    /// Columns that share one scale in a matrix of integers and in quantized rows.
    ck_group_columns = 128,
};

/// Variants: 0 scalar, 1 AVX2 with FMA and F16C, 2 AVX-512 (F, BW, DQ, VL, VNNI), 3 NEON with dot product. Answers 1
/// when this machine can run it.
int32_t ck_variant_is_available(int32_t variant);
/// The variant called scalar, avx2, avx512 or neon if it is available, otherwise (or for NULL) the best available one.
int32_t ck_variant_for_name(const char *wanted);
/// The variant in use. The first call of any kernel chooses it by the environment variable GATEHOUSE_KERNELS.
int32_t ck_variant_active(void);
/// Puts an available variant in use for the whole process; an unavailable one changes nothing.
void ck_variant_select(int32_t variant);

/// Decodes `blocks` blocks of GGUF tensor type `type` to f32. `source` needs no alignment. Unknown types write nothing.
void ck_dequantize(uint32_t type, const void *source, int64_t blocks, float *output);

/// Interleaves up to 32 matrix rows into a panel: panel[column * 32 + row]. Missing rows are zero.
/// `rows` is [count, columns] f32; the panel is f16 when `is_half` is 1, otherwise f32.
/// Halves are rounded to nearest even.
void ck_pack_panel(const float *rows, int64_t count, int64_t columns, int32_t is_half, void *panel);
/// output[m, outputs] = input[m, columns] · panelᵀ for one panel, outputs in 1...32. Strides count floats.
void ck_multiply_panel(
    const void *panel, int32_t is_half, int64_t columns, const float *input, int64_t input_stride, int64_t m,
    float *output, int64_t output_stride, int64_t outputs);

// Products in integers of `width` bytes, 1 or 2. Both factors are taken in groups of 128 columns, and in each group
// value = round(limit * number / largest magnitude of the group), limit 127 or 4095, so that the sum of a group's products
// is exact. A group whose largest magnitude is below about 1e-35 becomes zeros.
//
// For 8 bits a whole group is first put through the Walsh-Hadamard transform, a multiplication by a fixed matrix of ±1.
// It spreads single large numbers over the group, which keeps the rounding fine, and as both factors go through it, their
// product is 128 times what it was, no more. A last group of fewer columns is taken as it is.

/// Bytes of one integer panel of `columns` columns.
int64_t ck_integer_panel_bytes(int64_t columns, int32_t width);
/// Quantizes up to 32 matrix rows, [count, columns] f32, into a panel (integer_panel.h), the same for every variant.
/// Missing rows are zero.
void ck_pack_integer_panel(const float *rows, int64_t count, int64_t columns, int32_t width, void *panel);
/// Bytes from one quantized row to the next: `columns * width` rounded up to four.
int64_t ck_quantized_stride(int64_t columns, int32_t width);
/// The kernels of the active variant, which stay the same when another one is selected meanwhile.
typedef struct ck_table ck_table;
const ck_table *ck_active_kernels(void);
/// Quantizes rows. `values` are [rows, stride] bytes in a form of the variant's own, to be multiplied by the same kernels;
/// `scales` are [rows, groups], such that value * scale * weight value * weight scale summed over a group is its part of
/// the product.
/// A group that holds a number that isn't finite gets the scale NaN.
void ck_quantize_rows(
    const ck_table *kernels, const float *input, int64_t rows, int64_t columns, int32_t width, void *values, float *scales);
/// output[m, outputs] = quantized rows · panelᵀ for one panel of the same width, outputs in 1...32.
void ck_multiply_integer_panel(
    const ck_table *kernels, const void *panel, int32_t width, int64_t columns, const void *values, const float *scales,
    int64_t m, float *output, int64_t output_stride, int64_t outputs);

/// output[r, c] = input[r, c] / sqrt(mean(input[r]²) + epsilon) * weight[c]. May run in place.
void ck_rms_norm(
    const float *input, const float *weight, float epsilon, int64_t rows, int64_t columns, float *output);
/// output = gelu(gate) * up, gelu by its tanh form. May run in place.
void ck_gelu_multiply(const float *gate, const float *up, float *output, int64_t count);
/// Rotates pairs (i, i + head_size / 2) of each head; cosines and sines hold head_size / 2 values.
void ck_rope(float *vectors, int64_t heads, int64_t head_size, const float *cosines, const float *sines);
void ck_add(float *values, const float *addend, int64_t count);
void ck_scale(float *values, float factor, int64_t count);
/// values = cap * tanh(values / cap).
void ck_soft_cap(float *values, float cap, int64_t count);
float ck_dot(const float *a, const float *b, int64_t count);

/// Tells the processor that this is a waiting loop.
void ck_pause(void);

/// Attention for `positions` query positions and `heads` query heads that share one key/value head.
/// Query row (p, h) is queries + p * query_stride + h * head_size, and the output likewise.
/// Keys and values come in two spans; ranges holds four numbers a position: the half-open range it sees in the first
/// span, then in the second. soft_cap 0 means none. A row that sees no key yields zeros.
void ck_attention(
    const float *queries, int64_t query_stride, int64_t positions, int64_t heads, int64_t head_size,
    const float *keys_0, const float *values_0, int64_t stride_0,
    const float *keys_1, const float *values_1, int64_t stride_1,
    const int32_t *ranges, float soft_cap, float *output, int64_t output_stride);

#endif

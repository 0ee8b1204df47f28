// The C side of the CPU kernels. Only fixed-width integers, floats, pointers and counts cross this header.
// Shapes are checked by the Swift module `Kernels`; nothing here checks them again.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

/// Output rows held side by side in one panel of a packed matrix.
enum { ck_panel_width = 32 };

/// Variants: 0 scalar, 1 AVX2 with FMA and F16C, 2 AVX-512 (F, BW, DQ, VL). Answers 1 when this machine can run it.
int32_t ck_variant_is_available(int32_t variant);
/// The variant called scalar, avx2 or avx512 if it is available, otherwise (or for NULL) the best available one.
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

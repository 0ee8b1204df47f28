// AVX-512: 16 lanes, 32 registers. Needs F, BW, DQ and VL, with FMA and F16C.
#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET

typedef __m512 vec;

enum {
    lanes = 16,
    /// Input rows of a multiplication tile: 12 rows by 2 vectors leave 8 registers for weights and broadcasts.
    tile_rows = 12,
    /// Query rows of a score tile, which is four keys wide.
    score_rows = 4,
    /// Vectors of a head that are summed at once for four query rows.
    value_vectors = 4,
};

INLINE __mmask16 first(int64_t count) { return (__mmask16)((1u << count) - 1); }
INLINE vec load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void store(float *p, vec v) { _mm512_storeu_ps(p, v); }
/// The first `count` lanes, 0...16; the others are zero and their memory is not touched.
INLINE vec load_some(const float *p, int64_t count) { return _mm512_maskz_loadu_ps(first(count), p); }
INLINE void store_some(float *p, vec v, int64_t count) { _mm512_mask_storeu_ps(p, first(count), v); }
INLINE vec all(float x) { return _mm512_set1_ps(x); }
INLINE vec zero(void) { return _mm512_setzero_ps(); }
INLINE vec multiply_add(vec a, vec b, vec c) { return _mm512_fmadd_ps(a, b, c); }
/// A NaN in `b` survives both of these.
INLINE vec least(vec a, vec b) { return _mm512_min_ps(a, b); }
INLINE vec most(vec a, vec b) { return _mm512_max_ps(a, b); }
INLINE vec nearest(vec a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/// 2ⁿ for whole n in -126...128; 128 gives infinity.
INLINE vec power_of_two(vec n) { return _mm512_scalef_ps(all(1), n); }
INLINE float sum_lanes(vec v) { return _mm512_reduce_add_ps(v); }
INLINE float most_lane(vec v) { return _mm512_reduce_max_ps(v); }
INLINE vec load_half(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
INLINE void store_half(uint16_t *p, vec v) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
/// `v` in the lanes numbered lower..<upper, `other` elsewhere; bounds may lie outside the vector.
INLINE vec select_lanes(vec v, int64_t lower, int64_t upper, vec other) {
    int64_t low = lower < 0 ? 0 : lower > lanes ? lanes : lower;
    int64_t high = upper < 0 ? 0 : upper > lanes ? lanes : upper;
    return _mm512_mask_blend_ps((__mmask16)(first(high) & ~first(low)), other, v);
}

#define TABLE ck_avx512_table
#define WIDE_TILES 1
#include "vector_kernels.h"

#endif

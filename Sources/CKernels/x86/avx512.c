// AVX-512: 16 lanes, 32 registers. Needs F, BW, DQ, VL and VNNI, with FMA and F16C.
#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET

typedef __m512 vec;
typedef __m512i ivec;

enum {
    lanes = 16,
    /// Input rows of a multiplication tile: 12 rows by 2 vectors leave 8 registers for weights and broadcasts.
    tile_rows = 12,
    /// Rows of a tile of integers, likewise.
    dot_rows = 12,
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
/// The sums of the lanes of four vectors, side by side; added in the order of `sum_lanes`.
INLINE void store_four_sums(float *p, const vec *v) {
    vec ab = _mm512_shuffle_f32x4(v[0], v[1], 0x44) + _mm512_shuffle_f32x4(v[0], v[1], 0xee);
    vec cd = _mm512_shuffle_f32x4(v[2], v[3], 0x44) + _mm512_shuffle_f32x4(v[2], v[3], 0xee);
    vec sums = _mm512_shuffle_f32x4(ab, cd, 0x88) + _mm512_shuffle_f32x4(ab, cd, 0xdd);
    sums += _mm512_permute_ps(sums, 0x4e);
    sums += _mm512_permute_ps(sums, 0xb1);
    // Each quarter now holds one sum four times.
    __m512i quarters = _mm512_setr_epi32(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
    _mm_storeu_ps(p, _mm512_castps512_ps128(_mm512_permutexvar_ps(quarters, sums)));
}
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

INLINE vec magnitude(vec v) { return _mm512_abs_ps(v); }

INLINE vec float_of(ivec v) { return _mm512_cvtepi32_ps(v); }
INLINE ivec load_bytes(const int8_t *p) { return _mm512_loadu_si512(p); }
INLINE ivec repeat_unit(const int8_t *p) {
    int32_t unit;
    memcpy(&unit, p, sizeof unit);
    return _mm512_set1_epi32(unit);
}
INLINE ivec no_sum(void) { return _mm512_setzero_si512(); }
/// The instruction for bytes takes one factor unsigned: values are stored with 128 added, and sums begin with what that
/// adds.
INLINE ivec first_sum(const int32_t *corrections) { return _mm512_loadu_si512(corrections); }
INLINE ivec add_products_of_bytes(ivec sum, ivec unit, ivec weights) { return _mm512_dpbusd_epi32(sum, unit, weights); }
INLINE ivec add_products_of_words(ivec sum, ivec unit, ivec weights) { return _mm512_dpwssd_epi32(sum, unit, weights); }
/// Rounds to nearest even, adds 128 and stores 16 bytes.
INLINE void store_bytes(int8_t *p, vec v) {
    __m128i bytes = _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(v));
    _mm_storeu_si128((__m128i *)p, _mm_xor_si128(bytes, _mm_set1_epi8((char)0x80)));
}
/// Rounds to nearest even and stores 16 words.
INLINE void store_words(int8_t *p, vec v) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(v)));
}
/// Lane i gets lane i ^ distance.
INLINE vec swap_lanes(vec v, const int distance) {
    switch (distance) {
    case 1: return _mm512_permute_ps(v, 0xb1);
    case 2: return _mm512_permute_ps(v, 0x4e);
    case 4: return _mm512_shuffle_f32x4(v, v, 0xb1);
    default: return _mm512_shuffle_f32x4(v, v, 0x4e);
    }
}

#define TABLE ck_avx512_table
#define WIDE_TILES 1
#include "../vector_kernels.h"

#endif

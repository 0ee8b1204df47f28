// AVX2 with FMA and F16C: 8 lanes, 16 registers.
#if defined(__x86_64__)

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline __attribute__((always_inline)) TARGET

typedef __m256 vec;
typedef __m256i ivec;

enum {
    lanes = 8,
    /// Input rows of a multiplication tile: 6 rows by 2 vectors leave 4 registers for weights and broadcasts.
    tile_rows = 6,
    /// Rows of a tile of integers: 4 rows by 2 vectors leave 8 registers for weights, their magnitudes and products.
    dot_rows = 4,
    /// Query rows of a score tile, which is four keys wide.
    score_rows = 2,
    /// Vectors of a head that are summed at once for four query rows.
    value_vectors = 2,
};

INLINE __m256i lane_numbers(void) { return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7); }
INLINE __m256i first(int64_t count) { return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)count), lane_numbers()); }
INLINE __m256 load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void store(float *p, vec v) { _mm256_storeu_ps(p, v); }
/// The first `count` lanes, 0...8; the others are zero and their memory is not touched.
INLINE vec load_some(const float *p, int64_t count) { return _mm256_maskload_ps(p, first(count)); }
INLINE void store_some(float *p, vec v, int64_t count) { _mm256_maskstore_ps(p, first(count), v); }
INLINE vec all(float x) { return _mm256_set1_ps(x); }
INLINE vec zero(void) { return _mm256_setzero_ps(); }
INLINE vec multiply_add(vec a, vec b, vec c) { return _mm256_fmadd_ps(a, b, c); }
/// A NaN in `b` survives both of these.
INLINE vec least(vec a, vec b) { return _mm256_min_ps(a, b); }
INLINE vec most(vec a, vec b) { return _mm256_max_ps(a, b); }
INLINE vec nearest(vec a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/// 2ⁿ for whole n in -126...128; 128 gives infinity.
INLINE vec power_of_two(vec n) {
    __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
}
INLINE float sum_lanes(vec v) {
    __m128 x = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    x = _mm_add_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_add_ss(x, _mm_movehdup_ps(x)));
}
/// The sums of the lanes of four vectors, side by side.
INLINE void store_four_sums(float *p, const vec *v) {
    vec sums = _mm256_hadd_ps(_mm256_hadd_ps(v[0], v[1]), _mm256_hadd_ps(v[2], v[3]));
    _mm_storeu_ps(p, _mm_add_ps(_mm256_castps256_ps128(sums), _mm256_extractf128_ps(sums, 1)));
}
INLINE float most_lane(vec v) {
    __m128 x = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    x = _mm_max_ps(x, _mm_movehl_ps(x, x));
    return _mm_cvtss_f32(_mm_max_ss(x, _mm_movehdup_ps(x)));
}
INLINE vec load_half(const uint16_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
INLINE void store_half(uint16_t *p, vec v) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
/// `v` in the lanes numbered lower..<upper, `other` elsewhere; bounds may lie outside the vector.
INLINE vec select_lanes(vec v, int64_t lower, int64_t upper, vec other) {
    int64_t low = lower < 0 ? 0 : lower > lanes ? lanes : lower;
    int64_t high = upper < 0 ? 0 : upper > lanes ? lanes : upper;
    return _mm256_blendv_ps(other, v, _mm256_castsi256_ps(_mm256_andnot_si256(first(low), first(high))));
}

INLINE vec magnitude(vec v) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v); }

INLINE vec float_of(ivec v) { return _mm256_cvtepi32_ps(v); }
INLINE ivec load_bytes(const int8_t *p) { return _mm256_loadu_si256((const __m256i *)p); }
INLINE ivec repeat_unit(const int8_t *p) {
    int32_t unit;
    memcpy(&unit, p, sizeof unit);
    return _mm256_set1_epi32(unit);
}
INLINE ivec no_sum(void) { return _mm256_setzero_si256(); }
INLINE ivec first_sum(const int32_t *corrections) {
    (void)corrections;
    return no_sum();
}
/// The instruction for bytes takes one factor unsigned: |w| · (x with the sign of w). With both within ±127, no pair of
/// products leaves 16 bits.
INLINE ivec add_products_of_bytes(ivec sum, ivec unit, ivec weights) {
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(unit, weights));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}
INLINE ivec add_products_of_words(ivec sum, ivec unit, ivec weights) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(unit, weights));
}
/// Rounds to nearest even and stores 8 bytes.
INLINE void store_bytes(int8_t *p, vec v) {
    __m256i x = _mm256_cvtps_epi32(v);
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    _mm_storel_epi64((__m128i *)p, _mm_packs_epi16(words, words));
}
/// Rounds to nearest even and stores 8 words.
INLINE void store_words(int8_t *p, vec v) {
    __m256i x = _mm256_cvtps_epi32(v);
    _mm_storeu_si128((__m128i *)p, _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1)));
}
/// Lane i gets lane i ^ distance.
INLINE vec swap_lanes(vec v, const int distance) {
    switch (distance) {
    case 1: return _mm256_permute_ps(v, 0xb1);
    case 2: return _mm256_permute_ps(v, 0x4e);
    default: return _mm256_permute2f128_ps(v, v, 1);
    }
}

#define TABLE ck_avx2_table
#define WIDE_TILES 0
#include "../vector_kernels.h"

#endif

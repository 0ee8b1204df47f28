// Arm NEON with the dot product instructions: 4 lanes, 32 registers.
#if defined(__aarch64__)

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#define TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
#define INLINE static inline __attribute__((always_inline)) TARGET

typedef float32x4_t vec;
typedef int32x4_t ivec;

enum {
    lanes = 4,
    /// Input rows of a multiplication tile: 12 rows by 2 vectors leave 8 registers for weights and broadcasts.
    tile_rows = 12,
    /// Rows of a tile of integers, likewise.
    dot_rows = 12,
    /// Query rows of a score tile, which is four keys wide.
    score_rows = 4,
    /// Vectors of a head that are summed at once for four query rows.
    value_vectors = 4,
};

INLINE vec load(const float *p) { return vld1q_f32(p); }
INLINE void store(float *p, vec v) { vst1q_f32(p, v); }
INLINE vec all(float x) { return vdupq_n_f32(x); }
INLINE vec zero(void) { return vdupq_n_f32(0); }
/// The first `count` lanes, 0...4; the others are zero and their memory is not touched.
INLINE vec load_some(const float *p, int64_t count) {
    if (count == lanes) {
        return load(p);
    }
    vec v = zero();
    if (count > 0) {
        v = vld1q_lane_f32(p, v, 0);
    }
    if (count > 1) {
        v = vld1q_lane_f32(p + 1, v, 1);
    }
    if (count > 2) {
        v = vld1q_lane_f32(p + 2, v, 2);
    }
    return v;
}
INLINE void store_some(float *p, vec v, int64_t count) {
    if (count == lanes) {
        store(p, v);
        return;
    }
    if (count > 0) {
        vst1q_lane_f32(p, v, 0);
    }
    if (count > 1) {
        vst1q_lane_f32(p + 1, v, 1);
    }
    if (count > 2) {
        vst1q_lane_f32(p + 2, v, 2);
    }
}
INLINE vec multiply_add(vec a, vec b, vec c) { return vfmaq_f32(c, a, b); }
/// A NaN in either survives both of these.
INLINE vec least(vec a, vec b) { return vminq_f32(a, b); }
INLINE vec most(vec a, vec b) { return vmaxq_f32(a, b); }
INLINE vec nearest(vec a) { return vrndnq_f32(a); }
/// 2ⁿ for whole n in -126...128; 128 gives infinity.
INLINE vec power_of_two(vec n) {
    int32x4_t exponent = vaddq_s32(vcvtq_s32_f32(n), vdupq_n_s32(127));
    return vreinterpretq_f32_s32(vshlq_n_s32(exponent, 23));
}
INLINE float sum_lanes(vec v) { return vaddvq_f32(v); }
/// The sums of the lanes of four vectors, side by side.
INLINE void store_four_sums(float *p, const vec *v) {
    store(p, vpaddq_f32(vpaddq_f32(v[0], v[1]), vpaddq_f32(v[2], v[3])));
}
INLINE float most_lane(vec v) { return vmaxvq_f32(v); }
INLINE vec load_half(const uint16_t *p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
INLINE void store_half(uint16_t *p, vec v) { vst1_u16(p, vreinterpret_u16_f16(vcvt_f16_f32(v))); }
/// Ones in the lanes before `count`, which may lie outside the vector.
INLINE uint32x4_t first(int64_t count) {
    static const int32_t numbers[lanes] = {0, 1, 2, 3};
    int64_t clamped = count < 0 ? 0 : count > lanes ? lanes : count;
    return vcltq_s32(vld1q_s32(numbers), vdupq_n_s32((int32_t)clamped));
}
/// `v` in the lanes numbered lower..<upper, `other` elsewhere; bounds may lie outside the vector.
INLINE vec select_lanes(vec v, int64_t lower, int64_t upper, vec other) {
    return vbslq_f32(vbicq_u32(first(upper), first(lower)), v, other);
}

INLINE vec magnitude(vec v) { return vabsq_f32(v); }

INLINE vec float_of(ivec v) { return vcvtq_f32_s32(v); }
INLINE ivec load_bytes(const int8_t *p) { return vreinterpretq_s32_s8(vld1q_s8(p)); }
INLINE ivec repeat_unit(const int8_t *p) {
    int32_t unit;
    memcpy(&unit, p, sizeof unit);
    return vdupq_n_s32(unit);
}
INLINE ivec no_sum(void) { return vdupq_n_s32(0); }
/// Both factors are signed here, so that there is nothing to correct.
INLINE ivec first_sum(const int32_t *corrections) {
    (void)corrections;
    return no_sum();
}
INLINE ivec add_products_of_bytes(ivec sum, ivec unit, ivec weights) {
    return vdotq_s32(sum, vreinterpretq_s8_s32(unit), vreinterpretq_s8_s32(weights));
}
INLINE ivec add_products_of_words(ivec sum, ivec unit, ivec weights) {
    int16x8_t x = vreinterpretq_s16_s32(unit), w = vreinterpretq_s16_s32(weights);
    ivec low = vmull_s16(vget_low_s16(x), vget_low_s16(w)), high = vmull_high_s16(x, w);
    return vaddq_s32(sum, vpaddq_s32(low, high));
}
/// Rounds to nearest even and stores 4 bytes.
INLINE void store_bytes(int8_t *p, vec v) {
    int16x4_t words = vmovn_s32(vcvtnq_s32_f32(v));
    int8x8_t bytes = vmovn_s16(vcombine_s16(words, words));
    memcpy(p, &bytes, 4);
}
/// Rounds to nearest even and stores 4 words.
INLINE void store_words(int8_t *p, vec v) {
    int16x4_t words = vmovn_s32(vcvtnq_s32_f32(v));
    memcpy(p, &words, sizeof words);
}
/// Lane i gets lane i ^ distance.
INLINE vec swap_lanes(vec v, const int distance) { return distance == 1 ? vrev64q_f32(v) : vextq_f32(v, v, 2); }

#define TABLE ck_neon_table
#define WIDE_TILES 1
#include "../vector_kernels.h"

#endif

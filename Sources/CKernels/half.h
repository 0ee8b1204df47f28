// IEEE half and bfloat16 by integer arithmetic, for any processor.
#ifndef CKERNELS_HALF_H
#define CKERNELS_HALF_H

#include <stdint.h>
#include <string.h>

static inline float ck_float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t ck_bits_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float ck_float_of_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t exponent = (half >> 10) & 0x1f;
    uint32_t fraction = half & 0x3ff;
    if (exponent == 0) {
        // Zero or subnormal: fraction · 2⁻²⁴ is exact in f32.
        float magnitude = (float)fraction * 0x1p-24f;
        return ck_float_of_bits(ck_bits_of_float(magnitude) | sign);
    }
    if (exponent == 31) {
        // Infinity, or a NaN made quiet as the hardware conversion does.
        return ck_float_of_bits(sign | 0x7f800000 | (fraction << 13) | (fraction ? 0x400000 : 0));
    }
    return ck_float_of_bits(sign | ((exponent + 112) << 23) | (fraction << 13));
}

static inline uint16_t ck_half_of_float(float value) {
    uint32_t bits = ck_bits_of_float(value);
    uint16_t sign = (uint16_t)((bits >> 16) & 0x8000);
    uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) {
        return (uint16_t)(sign | 0x7e00 | ((magnitude >> 13) & 0x3ff));
    }
    if (magnitude >= 0x477ff000) {
        // 65520 and above round to infinity.
        return sign | 0x7c00;
    }
    if (magnitude < 0x38800000) {
        // Below 2⁻¹⁴: adding 0.5 leaves the rounded multiple of 2⁻²⁴ in the low fraction bits.
        float shifted = ck_float_of_bits(magnitude) + 0.5f;
        return (uint16_t)(sign | (ck_bits_of_float(shifted) - 0x3f000000));
    }
    uint32_t rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
    return (uint16_t)(sign | ((rounded - 0x38000000) >> 13));
}

#endif

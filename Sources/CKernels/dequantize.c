// Decoders of the GGUF block formats. Layouts: the GGUF specification and ggml's published block definitions.
// Little-endian; sources may be unaligned, so fields are read byte by byte or copied.
#include "half.h"
#include "table.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "GGUF tensors are little-endian"
#endif

// A fused multiply-add would round differently from the published reference decoders.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

static float half_at(const uint8_t *bytes) { return ck_float_of_half((uint16_t)(bytes[0] | bytes[1] << 8)); }

static void decode_f16(const uint8_t *source, float *output) { *output = half_at(source); }

static void decode_bf16(const uint8_t *source, float *output) {
    *output = ck_float_of_bits((uint32_t)(source[0] | source[1] << 8) << 16);
}

// 32 weights: scale, then 16 bytes of two 4-bit values (first half low, second half high), offset by 8.
static void decode_q4_0(const uint8_t *source, float *output) {
    float scale = half_at(source);
    for (int i = 0; i < 16; i++) {
        uint8_t byte = source[2 + i];
        output[i] = scale * (float)((byte & 15) - 8);
        output[i + 16] = scale * (float)((byte >> 4) - 8);
    }
}

// As above with a minimum in place of the offset.
static void decode_q4_1(const uint8_t *source, float *output) {
    float scale = half_at(source), minimum = half_at(source + 2);
    for (int i = 0; i < 16; i++) {
        uint8_t byte = source[4 + i];
        output[i] = scale * (float)(byte & 15) + minimum;
        output[i + 16] = scale * (float)(byte >> 4) + minimum;
    }
}

// 32 weights of 5 bits: the fifth bits are a 32-bit field before the nibbles.
static void decode_q5_0(const uint8_t *source, float *output) {
    float scale = half_at(source);
    uint32_t high;
    memcpy(&high, source + 2, sizeof high);
    for (int i = 0; i < 16; i++) {
        uint8_t byte = source[6 + i];
        int first = (byte & 15) | (int)((high >> i) & 1) << 4;
        int second = (byte >> 4) | (int)((high >> (i + 16)) & 1) << 4;
        output[i] = scale * (float)(first - 16);
        output[i + 16] = scale * (float)(second - 16);
    }
}

static void decode_q5_1(const uint8_t *source, float *output) {
    float scale = half_at(source), minimum = half_at(source + 2);
    uint32_t high;
    memcpy(&high, source + 4, sizeof high);
    for (int i = 0; i < 16; i++) {
        uint8_t byte = source[8 + i];
        int first = (byte & 15) | (int)((high >> i) & 1) << 4;
        int second = (byte >> 4) | (int)((high >> (i + 16)) & 1) << 4;
        output[i] = scale * (float)first + minimum;
        output[i + 16] = scale * (float)second + minimum;
    }
}

static void decode_q8_0(const uint8_t *source, float *output) {
    float scale = half_at(source);
    for (int i = 0; i < 32; i++) {
        output[i] = scale * (float)(int8_t)source[2 + i];
    }
}

// Twelve bytes hold eight 6-bit scales and eight 6-bit minimums.
static void scale_and_minimum(const uint8_t *packed, int index, uint8_t *scale, uint8_t *minimum) {
    if (index < 4) {
        *scale = packed[index] & 63;
        *minimum = packed[index + 4] & 63;
    } else {
        *scale = (uint8_t)((packed[index + 4] & 15) | (packed[index - 4] >> 6) << 4);
        *minimum = (uint8_t)((packed[index + 4] >> 4) | (packed[index] >> 6) << 4);
    }
}

// 256 weights in eight groups of 32: scale, minimum scale, packed scales, then (5 bits only) high bits, then nibbles.
static void decode_k(const uint8_t *source, const uint8_t *high, const uint8_t *nibbles, float *output) {
    float scale = half_at(source), minimum = half_at(source + 2);
    for (int group = 0; group < 8; group++) {
        uint8_t group_scale, group_minimum;
        scale_and_minimum(source + 4, group, &group_scale, &group_minimum);
        float factor = scale * (float)group_scale, offset = minimum * (float)group_minimum;
        for (int i = 0; i < 32; i++) {
            uint8_t byte = nibbles[group / 2 * 32 + i];
            int value = group % 2 ? byte >> 4 : byte & 15;
            if (high) {
                value |= (high[i] >> group & 1) << 4;
            }
            output[group * 32 + i] = factor * (float)value - offset;
        }
    }
}

static void decode_q4_k(const uint8_t *source, float *output) { decode_k(source, 0, source + 16, output); }

static void decode_q5_k(const uint8_t *source, float *output) { decode_k(source, source + 16, source + 48, output); }

// 256 weights of 6 bits: 128 bytes of low nibbles, 64 of high pairs, sixteen signed scales, one half scale.
static void decode_q6_k(const uint8_t *source, float *output) {
    const uint8_t *low = source, *high = source + 128, *scales = source + 192;
    float scale = half_at(source + 208);
    for (int i = 0; i < 256; i++) {
        int half = i / 128, quarter = i / 32 % 4, lane = i % 32;
        uint8_t byte = low[half * 64 + quarter % 2 * 32 + lane];
        int nibble = quarter < 2 ? byte & 15 : byte >> 4;
        int pair = high[half * 32 + lane] >> (2 * quarter) & 3;
        output[i] = scale * (float)(int8_t)scales[i / 16] * (float)((nibble | pair << 4) - 32);
    }
}

typedef void (*decoder)(const uint8_t *, float *);

static void decode_blocks(decoder decode, int64_t bytes, int64_t elements, const uint8_t *source, int64_t blocks,
                          float *output) {
    for (int64_t block = 0; block < blocks; block++) {
        decode(source + block * bytes, output + block * elements);
    }
}

void ck_dequantize(uint32_t type, const void *source, int64_t blocks, float *output) {
    switch (type) {
    case 0: memcpy(output, source, (size_t)blocks * sizeof(float)); break;
    case 1: decode_blocks(decode_f16, 2, 1, source, blocks, output); break;
    case 2: decode_blocks(decode_q4_0, 18, 32, source, blocks, output); break;
    case 3: decode_blocks(decode_q4_1, 20, 32, source, blocks, output); break;
    case 6: decode_blocks(decode_q5_0, 22, 32, source, blocks, output); break;
    case 7: decode_blocks(decode_q5_1, 24, 32, source, blocks, output); break;
    case 8: decode_blocks(decode_q8_0, 34, 32, source, blocks, output); break;
    case 12: decode_blocks(decode_q4_k, 144, 256, source, blocks, output); break;
    case 13: decode_blocks(decode_q5_k, 176, 256, source, blocks, output); break;
    case 14: decode_blocks(decode_q6_k, 210, 256, source, blocks, output); break;
    case 30: decode_blocks(decode_bf16, 2, 1, source, blocks, output); break;
    default: break;
    }
}

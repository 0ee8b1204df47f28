// Decoders of the GGUF block formats, one element at a time in double precision from the published layouts.
#include <math.h>
#include <string.h>

#include "CKernels.h"
#include "check.h"
#include "checks.h"
#include "guarded.h"

/// A decoded element is scale · value + offset.
typedef struct {
    double scale, offset;
    int value;
} element;

static double half_at(const uint8_t *bytes) { return value_of_half((uint16_t)(bytes[0] + 256 * bytes[1])); }

/// Bits `first`..<`first` + `count` of a little-endian row of bytes.
static int bits_at(const uint8_t *bytes, int first, int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
        value |= (bytes[(first + i) / 8] >> (first + i) % 8 & 1) << i;
    }
    return value;
}

/// The nibble of element i in a run of 2n elements: the first n in the low halves of n bytes, the others in the high.
static int nibble(const uint8_t *bytes, int i, int n) { return bits_at(bytes + i % n, i / n * 4, 4); }

static element q4_0(const uint8_t *b, int i) { return (element){half_at(b), 0, nibble(b + 2, i, 16) - 8}; }
static element q4_1(const uint8_t *b, int i) { return (element){half_at(b), half_at(b + 2), nibble(b + 4, i, 16)}; }
static element q5_0(const uint8_t *b, int i) {
    return (element){half_at(b), 0, nibble(b + 6, i, 16) + 16 * bits_at(b + 2, i, 1) - 16};
}
static element q5_1(const uint8_t *b, int i) {
    return (element){half_at(b), half_at(b + 2), nibble(b + 8, i, 16) + 16 * bits_at(b + 4, i, 1)};
}
static element q8_0(const uint8_t *b, int i) {
    return (element){half_at(b), 0, b[2 + i] < 128 ? b[2 + i] : b[2 + i] - 256};
}

/// Six-bit scale (`which` 0) or minimum (1) of a group: four low groups whole, four high ones in two parts.
static int six_bits(const uint8_t *packed, int group, int which) {
    int place = 4 * which + group % 4;
    return group < 4 ? bits_at(packed + place, 0, 6)
                     : bits_at(packed + 8 + group % 4, 4 * which, 4) + 16 * bits_at(packed + place, 6, 2);
}

static element k_of(const uint8_t *b, int i, int value) {
    return (element){half_at(b) * six_bits(b + 4, i / 32, 0), -half_at(b + 2) * six_bits(b + 4, i / 32, 1), value};
}
static element q4_k(const uint8_t *b, int i) { return k_of(b, i, nibble(b + 16 + i / 64 * 32, i % 64, 32)); }
static element q5_k(const uint8_t *b, int i) {
    return k_of(b, i, nibble(b + 48 + i / 64 * 32, i % 64, 32) + 16 * bits_at(b + 16 + i % 32, i / 32, 1));
}
static element q6_k(const uint8_t *b, int i) {
    int low = nibble(b + i / 128 * 64, i % 128, 64);
    int high = bits_at(b + 128 + i / 128 * 32 + i % 32, i % 128 / 32 * 2, 2);
    int scale = b[192 + i / 16] < 128 ? b[192 + i / 16] : b[192 + i / 16] - 256;
    return (element){half_at(b + 208) * scale, 0, low + 16 * high - 32};
}

static const struct {
    const char *name;
    uint32_t type;
    int bytes, elements;
    element (*decode)(const uint8_t *, int);
    /// Where the halves of a block stand; -1 for none.
    int halves[2];
} formats[] = {
    {"q4_0", 2, 18, 32, q4_0, {0, -1}},     {"q4_1", 3, 20, 32, q4_1, {0, 2}},   {"q5_0", 6, 22, 32, q5_0, {0, -1}},
    {"q5_1", 7, 24, 32, q5_1, {0, 2}},      {"q8_0", 8, 34, 32, q8_0, {0, -1}},  {"q4_K", 12, 144, 256, q4_k, {0, 2}},
    {"q5_K", 13, 176, 256, q5_k, {0, 2}},   {"q6_K", 14, 210, 256, q6_k, {208, -1}},
};

static random_source source = {3};

static void blocks(void) {
    check_begin("GGUF blocks", "of the two terms", 0x1.8p-23);
    enum { most_blocks = 5 };
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        for (int round = 0; round < 20 * placements; round++) {
            int count = round / placements % (most_blocks + 1);
            uint8_t bytes[most_blocks * 210];
            for (int i = 0; i < count * formats[f].bytes; i++) {
                bytes[i] = (uint8_t)random_bits(&source);
            }
            for (int i = 0; i < 2 * count; i++) {
                // An exponent of 31 is infinity or not a number.
                if (formats[f].halves[i % 2] >= 0) {
                    uint8_t *high = bytes + i / 2 * formats[f].bytes + formats[f].halves[i % 2] + 1;
                    *high = (*high & 0x7c) == 0x7c ? *high & 0x8f : *high;
                }
            }
            check_case("%s, %d blocks, round %d", formats[f].name, count, round);
            placement where = (placement)(round % placements);
            float *output = guarded_output(NULL, count * formats[f].elements, sizeof(float), where);
            ck_dequantize(formats[f].type, guarded_input(bytes, count * formats[f].bytes, 1, where), count, output);
            for (int i = 0; i < count * formats[f].elements; i++) {
                int block = i / formats[f].elements;
                element e = formats[f].decode(bytes + block * formats[f].bytes, i % formats[f].elements);
                double product = e.scale * e.value;
                check_value(output[i], product + e.offset, fabs(product) + fabs(e.offset));
            }
            guarded_done();
        }
    }
}

static void plain_numbers(void) {
    check_begin("every half and bfloat16, any float", "absolute", 0);
    enum { at_once = 1 << 12 };
    uint16_t patterns[at_once];
    for (int first = 0; first < 1 << 16; first += at_once) {
        check_case("patterns from %d on", first);
        for (int i = 0; i < at_once; i++) {
            patterns[i] = (uint16_t)(first + i);
        }
        const void *bytes = guarded_input(patterns, sizeof patterns, 1, first / at_once % placements);
        float *halves = guarded_output(NULL, at_once, sizeof(float), at_end);
        float *shorts = guarded_output(NULL, at_once, sizeof(float), at_end);
        ck_dequantize(1, bytes, at_once, halves);
        ck_dequantize(30, bytes, at_once, shorts);
        for (int i = 0; i < at_once; i++) {
            double half = value_of_half(patterns[i]);
            if (isnan(half)) {
                check_nan(halves[i]);
            } else {
                check_value(halves[i], half, 1);
            }
            check_true(!signbit(halves[i]) == !(patterns[i] >> 15), "the sign is lost");
            uint32_t bits = (uint32_t)patterns[i] << 16;
            check_true(memcmp(&shorts[i], &bits, sizeof bits) == 0, "not the upper half of a float");
        }
        guarded_done();
    }
    for (int count = 0; count < 40; count++) {
        uint8_t bytes[40 * sizeof(float)];
        for (size_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = (uint8_t)random_bits(&source);
        }
        check_case("%d floats", count);
        void *output = guarded_output(NULL, count, sizeof(float), at_end);
        ck_dequantize(0, guarded_input(bytes, count * 4, 1, count % placements), count, output);
        check_true(memcmp(output, bytes, (size_t)count * sizeof(float)) == 0, "not the same bits");
        guarded_done();
    }
    check_case("an unknown type");
    float *untouched = guarded_output(NULL, 1, sizeof(float), at_end);
    ck_dequantize(99, patterns, 1, untouched);
    check_true(guarded_is_unwritten(untouched), "wrote something");
    guarded_done();
}

void check_dequantize(void) {
    blocks();
    plain_numbers();
}

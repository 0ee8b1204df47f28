#include "CPeak.h"

#if defined(__x86_64__)

#include <immintrin.h>

// Sixteen sums, more than the instruction takes cycles on any processor that has it, so that none waits for another.
#define SUMS 16
// Each instruction multiplies 64 pairs of bytes and adds the products.
#define OPERATIONS 128

__attribute__((target("avx512f,avx512vnni"))) static void multiply_add(int64_t rounds) {
    __m512i sums[SUMS];
    __m512i left = _mm512_set1_epi8(3), right = _mm512_set1_epi8(5);
    for (int i = 0; i < SUMS; i++) sums[i] = _mm512_setzero_si512();
    for (int64_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < SUMS; i++) sums[i] = _mm512_dpbusd_epi32(sums[i], left, right);
        // The compiler may not see through this: it has to do every round.
        __asm__ volatile("" : "+v"(left), "+v"(right));
    }
    for (int i = 0; i < SUMS; i++) __asm__ volatile("" : : "v"(sums[i]));
}

int64_t cpeak_integer_operations(int64_t rounds) {
    if (!__builtin_cpu_supports("avx512vnni")) return 0;
    multiply_add(rounds);
    return rounds * SUMS * OPERATIONS;
}

#else

int64_t cpeak_integer_operations(int64_t rounds) {
    (void)rounds;
    return 0;
}

#endif

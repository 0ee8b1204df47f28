// One table of functions per variant; dispatch.c picks one.
#ifndef CKERNELS_TABLE_H
#define CKERNELS_TABLE_H

#include "include/CKernels.h"

struct ck_table {
    void (*half_from_float)(const float *, uint16_t *, int64_t);
    void (*multiply_panel)(
        const void *, int32_t, int64_t, const float *, int64_t, int64_t, float *, int64_t, int64_t);
    void (*rotate_group)(float *);
    void (*quantize_rows)(const float *, int64_t, int64_t, int32_t, void *, float *);
    void (*multiply_integer_panel)(
        const void *, int32_t, int64_t, const void *, const float *, int64_t, float *, int64_t, int64_t);
    void (*rms_norm)(const float *, const float *, float, int64_t, int64_t, float *);
    void (*gelu_multiply)(const float *, const float *, float *, int64_t);
    void (*rope)(float *, int64_t, int64_t, const float *, const float *);
    void (*add)(float *, const float *, int64_t);
    void (*scale)(float *, float, int64_t);
    void (*soft_cap)(float *, float, int64_t);
    float (*dot)(const float *, const float *, int64_t);
    void (*attention)(
        const float *, int64_t, int64_t, int64_t, int64_t, const float *, const float *, int64_t, const float *,
        const float *, int64_t, const int32_t *, float, float *, int64_t);
};

extern const ck_table ck_scalar_table;
#if defined(__x86_64__)
extern const ck_table ck_avx2_table;
extern const ck_table ck_avx512_table;
#elif defined(__aarch64__)
extern const ck_table ck_neon_table;
#endif

#endif

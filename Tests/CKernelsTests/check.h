// The ledger of one run: which check is under way, how far its worst value was off, and what failed.
#ifndef CKERNELS_TESTS_CHECK_H
#define CKERNELS_TESTS_CHECK_H

#include <stdint.h>

/// Names the kernels that the next checks run on.
void check_variant(const char *name);

/// Opens a check and closes the one before. Its values may be off by `bound`, counted in `unit`.
void check_begin(const char *name, const char *unit, double bound);
/// Says which case is next, as printf does; only shown when something fails.
void check_case(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Holds `got` against `want`: |got - want| / scale must stay within the bound. Equal values pass with any scale.
void check_value(double got, double want, double scale);
void check_nan(double got);
/// Fails with `message` unless `condition` holds.
void check_true(int condition, const char *message);
/// Closes the last check and prints the closing line; the number of failed checks.
int check_end(void);

/// SplitMix64: the same numbers on every machine.
typedef struct {
    uint64_t state;
} random_source;

uint64_t random_bits(random_source *source);
/// Uniform in lower..<upper.
float random_float(random_source *source, float lower, float upper);
void random_floats(random_source *source, float *values, int64_t count, float lower, float upper);

#endif

// The checks, one function for each kind of kernel. Each runs on the variant in use.
#ifndef CKERNELS_TESTS_CHECKS_H
#define CKERNELS_TESTS_CHECKS_H

#include <stdint.h>

/// The variants' names in the order of their numbers.
extern const char *const variant_names[];
extern const int variant_count;

void check_choice(void);
void check_vectors(void);
void check_multiply(void);
void check_quantized(void);
void check_attention(void);
void check_dequantize(void);

/// The value of an IEEE half, and the half nearest to a value (ties to even), by the definition of the format.
double value_of_half(uint16_t half);
double rounded_to_half(double value);

#endif

// Holds every function of CKernels.h, in every variant this processor can run, against a reference in double precision.
// Prints each check's worst error beside the error it may have. An argument names the variant that the process must
// have chosen by itself. Exit code 1 when that or any check fails, 2 when the tests themselves cannot go on.
#include <stdio.h>
#include <string.h>

#include "CKernels.h"
#include "check.h"
#include "checks.h"

const char *const variant_names[] = {"scalar", "avx2", "avx512", "neon"};
const int variant_count = sizeof variant_names / sizeof *variant_names;

int main(int count, char **arguments) {
    const char *chosen = variant_names[ck_variant_active()];
    if (count > 1 && strcmp(arguments[1], chosen) != 0) {
        printf("chose the %s kernels by itself, expected %s\n", chosen, arguments[1]);
        return 1;
    }
    printf("chose the %s kernels by itself; available:", chosen);
    for (int variant = 0; variant < variant_count; variant++) {
        if (ck_variant_is_available(variant)) {
            printf(" %s", variant_names[variant]);
        }
    }
    printf("\n");
    check_variant("all");
    check_choice();
    check_dequantize();
    for (int variant = 0; variant < variant_count; variant++) {
        if (!ck_variant_is_available(variant)) {
            continue;
        }
        ck_variant_select(variant);
        check_variant(variant_names[variant]);
        check_vectors();
        check_multiply();
        check_quantized();
        check_attention();
    }
    return check_end() != 0;
}

// Which kernels a process gets.
#include <stddef.h>
#include <string.h>

#include "CKernels.h"
#include "check.h"
#include "checks.h"

static int best_variant(void) {
    int best = variant_count - 1;
    while (!ck_variant_is_available(best)) {
        best--;
    }
    return best;
}

void check_choice(void) {
    const int32_t before = ck_variant_active();
    check_begin("choosing kernels by name and number", NULL, 0);
    check_case("this processor");
    check_true(ck_variant_is_available(0), "plain C is not available");
    check_true(!ck_variant_is_available(-1) && !ck_variant_is_available(variant_count), "a variant nobody knows");
    static const char *const unknown[] = {NULL, "", "AVX2", "avx", "avx512 ", "sse"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        check_case("the name %s", unknown[i] ? unknown[i] : "that is absent");
        check_true(ck_variant_for_name(unknown[i]) == best_variant(), "not the best available variant");
    }
    for (int variant = -1; variant <= variant_count; variant++) {
        check_case("variant %d", variant);
        int known = variant >= 0 && variant < variant_count;
        int available = known && ck_variant_is_available(variant);
        check_true(!known || ck_variant_for_name(variant_names[variant]) == (available ? variant : best_variant()),
                   "its name does not lead to it");
        ck_variant_select(0);
        ck_variant_select(variant);
        check_true(ck_variant_active() == (available ? variant : 0), "selected the wrong one");
    }
    ck_variant_select(before);
    ck_pause();
}

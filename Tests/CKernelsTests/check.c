#include "check.h"

#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// Failures of one check that are printed; the rest are only counted.
enum { shown_failures = 3 };

static struct {
    const char *name, *unit, *variant;
    double bound, worst;
    int64_t values, failures;
    char circumstances[200];
} current;

static int checks = 0, failed_checks = 0;

static void say_where(int signal) {
    // A kernel left its arrays, or ran an instruction that this processor lacks: say which one, with safe calls only.
    const char *what = signal == SIGILL ? ": an instruction this processor lacks\n" : ": memory outside its arrays\n";
    const char *parts[] = {"FAILED  ", current.variant, " ", current.name, ", ", current.circumstances, what};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i] && write(STDOUT_FILENO, parts[i], strlen(parts[i])) < 0) {
            break;
        }
    }
    _exit(1);
}

static void close_check(void) {
    if (!current.name) {
        return;
    }
    checks++;
    failed_checks += current.failures > 0;
    printf("%-7s %-8s%-46s", current.failures ? "FAILED" : "ok", current.variant, current.name);
    if (current.unit) {
        printf(" worst %.2e of %.2e %s", current.worst, current.bound, current.unit);
    }
    printf(" (%lld values)", (long long)current.values);
    if (current.failures) {
        printf(", %lld wrong", (long long)current.failures);
    }
    printf("\n");
    fflush(stdout);
    current.name = NULL;
}

void check_variant(const char *name) {
    close_check();
    current.variant = name;
    signal(SIGSEGV, say_where);
    signal(SIGBUS, say_where);
    signal(SIGILL, say_where);
}

void check_begin(const char *name, const char *unit, double bound) {
    close_check();
    const char *variant = current.variant;
    memset(&current, 0, sizeof current);
    current.variant = variant;
    current.name = name;
    current.unit = unit;
    current.bound = bound;
}

void check_case(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(current.circumstances, sizeof current.circumstances, format, arguments);
    va_end(arguments);
}

static int shows_failure(void) { return current.failures++ < shown_failures; }

void check_value(double got, double want, double scale) {
    double error = got == want ? 0 : fabs(got - want) / scale;
    current.values++;
    if (!(error <= current.worst)) {
        current.worst = error;
    }
    if (!(error <= current.bound) && shows_failure()) {
        printf(
            "        %s, %s: value %lld is %.9g instead of %.9g\n", current.name, current.circumstances,
            (long long)current.values - 1, got, want);
    }
}

void check_nan(double got) {
    current.values++;
    if (!isnan(got) && shows_failure()) {
        printf("        %s, %s: %.9g instead of not a number\n", current.name, current.circumstances, got);
    }
}

void check_true(int condition, const char *message) {
    current.values++;
    if (!condition && shows_failure()) {
        printf("        %s, %s: %s\n", current.name, current.circumstances, message);
    }
}

int check_end(void) {
    close_check();
    if (failed_checks) {
        printf("%d of %d checks failed\n", failed_checks, checks);
    } else {
        printf("all %d checks passed\n", checks);
    }
    return failed_checks;
}

uint64_t random_bits(random_source *source) {
    source->state += 0x9e3779b97f4a7c15;
    uint64_t z = source->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

float random_float(random_source *source, float lower, float upper) {
    return lower + (upper - lower) * ((float)(random_bits(source) >> 40) * 0x1p-24f);
}

void random_floats(random_source *source, float *values, int64_t count, float lower, float upper) {
    for (int64_t i = 0; i < count; i++) {
        values[i] = random_float(source, lower, upper);
    }
}

// IEEE half by the definition of the format, in double precision.
#include <math.h>

#include "checks.h"

double value_of_half(uint16_t half) {
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double magnitude = exponent == 0    ? ldexp(fraction, -24)
                       : exponent == 31 ? (fraction ? NAN : INFINITY)
                                        : ldexp(1024 + fraction, exponent - 25);
    return half >> 15 ? -magnitude : magnitude;
}

double rounded_to_half(double value) {
    if (!isfinite(value) || fabs(value) >= 65520) {
        return isnan(value) ? value : copysign(INFINITY, value);
    }
    int exponent;
    frexp(value, &exponent);
    // Eleven bits below the leading one's upper neighbour, or the spacing of subnormals.
    double step = ldexp(1, exponent - 11 < -24 ? -24 : exponent - 11);
    return nearbyint(value / step) * step;
}

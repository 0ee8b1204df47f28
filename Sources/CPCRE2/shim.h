#pragma once

// PCRE2 has one set of functions for each width of code unit; Gatehouse searches UTF-8.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The language that a text is mostly written in, by Compact Language Detector 2.
///
/// - text: UTF-8, `length` bytes; must be valid.
/// - percent: how much of its words is in that language, 0...100.
/// - returns: its code (ISO 639-1 where it has one), which lives for ever; NULL where the detector isn't sure.
const char *_Nullable language_of(const char *_Nonnull text, int32_t length, int32_t *_Nonnull percent);

#ifdef __cplusplus
}
#endif

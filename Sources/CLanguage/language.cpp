#include "CLanguage.h"

// Its header uses FILE without including it.
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

const char *language_of(const char *text, int32_t length, int32_t *percent) {
    const CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
    CLD2::Language languages[3];
    int percents[3];
    double scores[3];
    int bytes;
    bool reliable;
    CLD2::ExtDetectLanguageSummary(text, length, true, &hints, 0, languages, percents, scores, nullptr, &bytes, &reliable);
    *percent = percents[0];
    if (!reliable || languages[0] == CLD2::UNKNOWN_LANGUAGE) return nullptr;
    return CLD2::LanguageCode(languages[0]);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "order.h"
#include "report_parts.h"

/* Codes of the portal and of our machines, as the books have them. */
static const struct {
    enum report_code of;
    const char *code;
    const char *words[LANGUAGE_COUNT];
} words[] = {
#define REPORT_WORD(of, code, zh, en) { REPORT_CODE_##of, #code, { zh, en } },
#include "report_words.def"
#undef REPORT_WORD
};

/* Empty when nobody here knows the code. */
static const char *
words_of(enum report_code of, struct span code, enum language language)
{
    enum order_kind kind;
    if (of == REPORT_CODE_ORDER_KIND) {
        return order_kind_decode(code, &kind) == ERR_OK ? order_kind_text(kind, language) : "";
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].of == of && span_eq_cstr(code, words[i].code)) {
            return words[i].words[language];
        }
    }
    return "";
}

struct span
report_words(const struct report *report, enum report_code of, struct span code,
             enum language language)
{
    const char *found = report->form < REPORT_FORM_WORDS ? "" : words_of(of, code, language);
    return found[0] != 0 ? span_of(found) : code;
}

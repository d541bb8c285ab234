/* SPDX-License-Identifier: Apache-2.0 */
#include "finding.h"

struct row {
    const char *name;
    enum finding_kind kind;
    enum finding_bucket bucket;
    int severity;
    enum finding_action action;
    const char *text[LANGUAGE_COUNT];
    const char *cause;
};

static const struct row rows[FINDING_COUNT] = {
    [FINDING_NONE] = { "NONE",
                       FINDING_KIND_NONE,
                       FINDING_BUCKET_FINDING,
                       0,
                       FINDING_DO_NOTHING,
                       { "无", "none" },
                       "" },
#define FINDING(name, kind, bucket, severity, action, zh, en, cause)             \
    [FINDING_##name] = { #name,    FINDING_##kind,      FINDING_BUCKET_##bucket, \
                         severity, FINDING_DO_##action, { zh, en },              \
                         cause },
#include "finding.def"
#undef FINDING
};

static const struct row *
row_of(enum finding finding)
{
    return &rows[finding < FINDING_COUNT ? finding : FINDING_NONE];
}

const char *
finding_name(enum finding finding)
{
    return row_of(finding)->name;
}

const char *
finding_text(enum finding finding, enum language language)
{
    return row_of(finding)->text[language < LANGUAGE_COUNT ? language : LANGUAGE_ZH];
}

const char *
finding_cause(enum finding finding)
{
    return row_of(finding)->cause;
}

enum finding_kind
finding_kind(enum finding finding)
{
    return row_of(finding)->kind;
}

enum finding_bucket
finding_bucket(enum finding finding)
{
    return row_of(finding)->bucket;
}

enum finding_action
finding_action(enum finding finding)
{
    return row_of(finding)->action;
}

int
finding_severity(enum finding finding)
{
    return row_of(finding)->severity;
}

enum err
finding_decode(struct span name, enum finding *out)
{
    for (int i = FINDING_NONE + 1; i < FINDING_COUNT; i++) {
        if (span_eq_cstr(name, rows[i].name)) {
            *out = (enum finding)i;
            return ERR_OK;
        }
    }
    return ERR_FIELD_VALUE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "signature_explain.h"

#include "signature_variations.h"

#define MS_PER_S       INT64_C(1000)
#define TIME_MAX_BYTES 40

static const struct {
    const char *component;
    const char *code;
    const char *text[LANGUAGE_COUNT];
} rows[SIGNATURE_DIFFERENCE_COUNT] = {
#define ROW(component, code, en, zh) \
    { component, code, { [LANGUAGE_EN] = (en), [LANGUAGE_ZH] = (zh) } },
#define VARIATION(name, component, code, en, zh) \
    [SIGNATURE_VARIES_##name] = ROW(component, code, en, zh)
#define BODY(name, component, code, en, zh) [SIGNATURE_BODY_##name] = ROW(component, code, en, zh)
#define RULE(name, component, code, en, zh) [SIGNATURE_RULE_##name] = ROW(component, code, en, zh)
#include "signature_differences.def"
#undef VARIATION
#undef BODY
#undef RULE
#undef ROW
};

static void
add(struct signature_explanation *explanation, enum signature_difference what,
    struct span component)
{
    if (explanation->count < SIGNATURE_FINDINGS_MAX) {
        explanation->findings[explanation->count++] = (struct signature_finding){
            .what = what,
            .component = rows[what].component[0] != 0 ? span_of(rows[what].component) : component,
        };
    }
}

static bool
covers(const struct signature_input *input, const char *component)
{
    for (size_t i = 0; i < input->component_count; i++) {
        if (span_eq_cstr(input->components[i], component)) {
            return true;
        }
    }
    return false;
}

/* The rules of signature.h, one by one. */
static enum err
explain_components(const struct signature_attempt *attempt, const struct signature_base *base,
                   struct signature_explanation *out)
{
    (void)base;
    const struct signature_input *input = &out->input;
    bool by_path = covers(input, "@path") || covers(input, "@query");
    const struct {
        bool broken;
        enum signature_difference what;
        const char *component;
    } rules[] = {
        { !covers(input, "@method"), SIGNATURE_RULE_MISSING_PART, "@method" },
        { !by_path && !covers(input, "@target-uri"), SIGNATURE_RULE_MISSING_PART, "@target-uri" },
        { by_path && !covers(input, "@target-uri") && !covers(input, "@path"),
          SIGNATURE_RULE_MISSING_PART, "@path" },
        { by_path && !covers(input, "@target-uri") && !covers(input, "@query"),
          SIGNATURE_RULE_MISSING_PART, "@query" },
        { !span_empty(attempt->request->body) && !covers(input, "content-digest"),
          SIGNATURE_RULE_MISSING_PART, "content-digest" },
        { input->created.us == 0, SIGNATURE_RULE_PARAMETER, "created" },
        { span_empty(input->nonce), SIGNATURE_RULE_PARAMETER, "nonce" },
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if (rules[i].broken) {
            add(out, rules[i].what, span_of(rules[i].component));
        }
    }
    return ERR_OK;
}

static enum err
explain_digest(const struct signature_attempt *attempt, const struct signature_base *base,
               struct signature_explanation *out)
{
    (void)base;
    enum signature_difference found;
    struct span field = http_header_get(attempt->request, "content-digest");
    TRY(signature_bodies_try(field, attempt->request->body, &found));
    add(out, found, SPAN_LIT(""));
    return ERR_OK;
}

static enum err
explain_signature(const struct signature_attempt *attempt, const struct signature_base *base,
                  struct signature_explanation *out)
{
    bool any = false;
    enum signature_difference found = SIGNATURE_RULE_NOTHING_FOUND;
    TRY(signature_variations_try(attempt, &out->input, base, &any, &found));
    add(out, found, SPAN_LIT(""));
    return ERR_OK;
}

static enum err
explain_time(const struct signature_attempt *attempt, const struct signature_base *base,
             struct signature_explanation *out)
{
    (void)base;
    int64_t age_ms = wall_ms_between(out->input.created, attempt->now);
    bool far = age_ms > attempt->age_max_s * MS_PER_S || age_ms < -attempt->age_max_s * MS_PER_S;
    add(out, far ? SIGNATURE_RULE_CREATED : SIGNATURE_RULE_EXPIRED, SPAN_LIT(""));
    return ERR_OK;
}

static enum err
explain_algorithm(const struct signature_attempt *attempt, const struct signature_base *base,
                  struct signature_explanation *out)
{
    (void)attempt;
    (void)base;
    add(out, SIGNATURE_RULE_ALGORITHM, SPAN_LIT(""));
    return ERR_OK;
}

/* What is looked for, by what the request was refused for. */
static const struct {
    enum err refusal;
    enum err (*explain)(const struct signature_attempt *attempt, const struct signature_base *base,
                        struct signature_explanation *out);
} explainers[] = {
    { ERR_SIG_COMPONENTS, explain_components },
    { ERR_SIG_DIGEST, explain_digest },
    { ERR_SIG_TIME, explain_time },
    { ERR_SIG_ALGORITHM, explain_algorithm },
    { ERR_SIGNATURE, explain_signature },
};

static enum err
explain_refusal(const struct signature_attempt *attempt, const struct signature_base *base,
                struct signature_explanation *out)
{
    for (size_t i = 0; i < sizeof(explainers) / sizeof(explainers[0]); i++) {
        if (explainers[i].refusal == attempt->refusal) {
            return explainers[i].explain(attempt, base, out);
        }
    }
    return ERR_OK;
}

static enum err
keep_text(const struct signature_attempt *attempt, const struct signature_base *base,
          struct signature_explanation *out)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(SIGNATURE_BASE_MAX_BYTES);
    DEFER(buf_fini) struct buf digest = BUF_MAX(128);
    struct arena *arena = attempt->request->arena;
    TRY(signature_digest(attempt->request->body, &digest));
    TRY(arena_copy(arena, buf_span(&digest), &out->digest));
    if (base == NULL) {
        return ERR_OK;
    }
    TRY(signature_base_text(base, (struct signature_style){ 0 }, &text));
    return arena_copy(arena, buf_span(&text), &out->base);
}

enum err
signature_explain(const struct signature_attempt *attempt, struct signature_explanation *out)
{
    struct signature_explanation explanation = { .count = 0 };
    struct signature_base base;
    struct span missing = SPAN("");
    TRY(signature_fields(attempt->request, &explanation.input));
    enum err err = signature_base_lines(attempt->request, attempt->scheme, attempt->authority,
                                        &explanation.input, &base, &missing);
    if (err == ERR_SIG_COMPONENTS) {
        TRY(keep_text(attempt, NULL, &explanation));
        add(&explanation, SIGNATURE_RULE_ABSENT_PART, missing);
        TRY(explain_components(attempt, NULL, &explanation));
    } else {
        TRY(err);
        TRY(keep_text(attempt, &base, &explanation));
        TRY(explain_refusal(attempt, &base, &explanation));
    }
    *out = explanation;
    return ERR_OK;
}

const char *
signature_difference_code(enum signature_difference what)
{
    return rows[what].code;
}

const char *
signature_difference_text(enum signature_difference what, enum language language)
{
    return rows[what].text[language];
}

static enum err
put_time(struct json_t *view, const char *name, struct wall_time time)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TIME_MAX_BYTES);
    if (time.us == 0) {
        return json_put_null(view, name);
    }
    TRY(wall_format(time, &text));
    return json_put_string(view, name, buf_span(&text));
}

/* A signed header may hold bytes that are no text; JSON cannot show them. */
static enum err
put_text(struct json_t *view, const char *name, struct span text)
{
    return span_empty(text) || !span_is_utf8(text) ? json_put_null(view, name)
                                                   : json_put_string(view, name, text);
}

static enum err
put_findings(struct json_t *view, const struct signature_explanation *explanation,
             enum language language)
{
    struct json_t *list = NULL;
    TRY(json_new_array(&list));
    TRY(json_put(view, "differences", list));
    for (size_t i = 0; i < explanation->count; i++) {
        const struct signature_finding *finding = &explanation->findings[i];
        struct json_t *one = NULL;
        TRY(json_new_object(&one));
        TRY(json_put(list, NULL, one));
        TRY(put_text(one, "component", finding->component));
        TRY(json_put_text(one, "code", rows[finding->what].code));
        TRY(json_put_text(one, "detail", rows[finding->what].text[language]));
    }
    return ERR_OK;
}

enum err
signature_explanation_view(const struct signature_attempt *attempt,
                           const struct signature_explanation *explanation, enum language language,
                           struct json_t **out)
{
    DEFER(json_free) struct json_t *view = NULL;
    TRY(json_new_object(&view));
    TRY(put_text(view, "signature_base", explanation->base));
    TRY(json_put_text(view, "keyid", attempt->key->keyid));
    TRY(json_put_text(view, "algorithm", signature_algorithm_name(attempt->key->algorithm)));
    TRY(put_time(view, "created", explanation->input.created));
    TRY(put_time(view, "server_time", attempt->now));
    TRY(json_put_i64(view, "allowed_difference_s", attempt->age_max_s));
    TRY(json_put_string(view, "content_digest", explanation->digest));
    TRY(json_put_i64(view, "body_bytes", (int64_t)attempt->request->body.len));
    TRY(put_findings(view, explanation, language));
    *out = view;
    view = NULL;
    return ERR_OK;
}

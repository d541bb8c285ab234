/* SPDX-License-Identifier: Apache-2.0 */
/* What rows have alike is found, and only where it stands byte by byte. */
#include "alike.h"

#include "check.h"

#define LEN_MAX 48
#define WORDS   5

/* A row of words with a comma behind each; where they start. */
static struct span
row_of(const char *const *words, size_t count, unsigned char *text, size_t *starts)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        size_t word = strlen(words[i]);
        starts[i] = len;
        memcpy(text + len, words[i], word);
        text[len + word] = ',';
        len += word + 1;
    }
    starts[count] = len;
    return span_make(text, len);
}

/* The same row again and again but for its second word, until it is the model. */
static void
learn(struct alike *alike, const char *const words[WORDS])
{
    unsigned char text[200];
    size_t starts[WORDS + 1];
    for (int i = 1; i <= ALIKE_LEARN_ROWS; i++) {
        char own[2] = { (char)('0' + i), 0 };
        const char *const row[WORDS] = { words[0], own, words[2], words[3], words[4] };
        cr_assert(alike_learns(alike));
        cr_assert_eq(alike_learn(alike, row_of(row, WORDS, text, starts), starts, WORDS),
                     i == ALIKE_LEARN_ROWS);
    }
    cr_assert_not(alike_learns(alike));
}

static const char *const usual[WORDS] = { "CNY", "1", "paid", "",
                                          "a long text of more than words" };

static size_t
run_at(struct alike *alike, size_t cell, const char *rest, size_t *len)
{
    *len = 0;
    return alike_run(alike, cell, span_of(rest), len);
}

Test(alike, cells_that_all_rows_have_alike_make_runs)
{
    struct alike alike = { .left = 0 };
    size_t len = 0;
    learn(&alike, usual);
    cr_expect_eq(run_at(&alike, 0, "CNY,2,", &len), 1);
    cr_expect_eq(len, 4);
    cr_expect_eq(run_at(&alike, 1, "8,paid,", &len), 0, "what differs is in no run");
    cr_expect_eq(run_at(&alike, 2, "paid,,a long text of more than words,", &len), 5);
    cr_expect_eq(len, strlen("paid,,a long text of more than words,"));
    cr_expect_eq(run_at(&alike, 3, ",a long text of more than words,", &len), 0,
                 "a run has one beginning");
}

Test(alike, a_run_that_differs_in_any_byte_or_is_cut_off_is_none)
{
    char text[] = "paid,,a long text of more than words,";
    size_t len = 0;
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        struct alike alike = { .left = 0 };
        learn(&alike, usual);
        text[i] ^= 1;
        cr_expect_eq(run_at(&alike, 2, text, &len), 0, "byte %zu", i);
        text[i] ^= 1;
        cr_expect_eq(alike_run(&alike, 2, span_make(text, i), &len), 0, "of %zu bytes", i);
        cr_expect_eq(run_at(&alike, 2, text, &len), WORDS);
    }
}

Test(alike, a_row_of_another_width_or_without_room_begins_anew)
{
    static unsigned char text[ALIKE_TEXT_MAX + 1];
    struct alike alike = { .left = 0 };
    size_t starts[WORDS + 1] = { 0, 1, 2 };
    size_t many[ALIKE_CELLS_MAX + 2] = { 0 };
    for (int i = 1; i < ALIKE_LEARN_ROWS; i++) {
        cr_assert_not(alike_learn(&alike, SPAN_LIT("a,b,"), starts, 2));
    }
    cr_expect_not(alike_learn(&alike, SPAN_LIT("a,b,"), starts, 1), "another width");
    for (int i = 2; i < ALIKE_LEARN_ROWS; i++) {
        cr_assert_not(alike_learn(&alike, SPAN_LIT("a,b,"), starts, 1), "%d", i);
    }
    cr_expect(alike_learn(&alike, SPAN_LIT("a,b,"), starts, 1));
    cr_expect_not(alike_learn(&alike, span_make(text, sizeof(text)), starts, 2), "too long");
    cr_expect(alike_learns(&alike));
    cr_expect_not(alike_learn(&alike, SPAN_LIT("a,b,"), many, ALIKE_CELLS_MAX + 1), "too many");
    cr_expect_not(alike_learn(&alike, SPAN_LIT("a,b,"), starts, 0), "none");
    cr_expect_eq(run_at(&alike, 0, "a,b,", &(size_t){ 0 }), 0);
}

Test(alike, a_model_is_used_for_a_while_and_less_when_it_fails)
{
    struct alike alike = { .left = 0 };
    size_t len = 0;
    int used = 0;
    learn(&alike, usual);
    for (; !alike_learns(&alike); used++) {
        alike_used(&alike);
    }
    cr_expect_eq(used, ALIKE_USE_ROWS);
    cr_expect_eq(run_at(&alike, 0, "CNY,", &len), 0, "nothing is known any more");
    learn(&alike, usual);
    for (used = 0; !alike_learns(&alike); used++) {
        cr_assert_eq(run_at(&alike, 0, "USD,", &len), 0);
        alike_used(&alike);
    }
    cr_expect_leq(used, ALIKE_USE_ROWS / ALIKE_MISS_COST);
}

Test(alike, short_texts_compare_as_memcmp_has_them)
{
    unsigned char a[LEN_MAX];
    unsigned char b[LEN_MAX];
    for (size_t i = 0; i < LEN_MAX; i++) {
        a[i] = b[i] = (unsigned char)(i * 7);
    }
    for (size_t len = 0; len < LEN_MAX; len++) {
        cr_expect(alike_bytes(a, b, len), "%zu", len);
        for (size_t at = 0; at < LEN_MAX; at++) {
            b[at] ^= 0x80;
            cr_expect_eq(alike_bytes(a, b, len), memcmp(a, b, len) == 0, "%zu of %zu", at, len);
            b[at] ^= 0x80;
        }
    }
}

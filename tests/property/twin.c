/* SPDX-License-Identifier: Apache-2.0 */
/* Law 11: two ways of matching, by hash and by sort and merge, give the same set over tangled days. */
#include "twin.h"

#include <stdio.h>
#include <stdlib.h>

#include "check.h"
#include "engine.h"
#include "seed.h"
#include "tangle.h"

#define DAYS 1500

static struct arena *arena;
static struct twin_row ours[4 * TWIN_MOST];
static struct twin_row theirs[4 * TWIN_MOST];
static size_t ours_count;
static size_t theirs_count;

static void
finish(void)
{
    arena_free(&arena);
}

TestSuite(twin, .fini = finish);

static void
match_both(const struct tangle *t)
{
    struct recon_output out = { 0 };
    engine_run(&t->in, &arena, &out);
    ours_count = out.count;
    for (size_t i = 0; i < out.count; i++) {
        const struct recon_result *r = &out.results[i];
        ours[i] = (struct twin_row){ r->line,    r->member,  r->refund,   r->order,
                                     r->invoice, r->primary, r->delta_fen };
    }
    qsort(ours, ours_count, sizeof(ours[0]), twin_row_cmp);
    theirs_count = twin_match(&t->in, theirs);
}

static bool
same_row(const struct twin_row *x, const struct twin_row *y)
{
    return twin_row_cmp(x, y) == 0 && x->primary == y->primary && x->delta_fen == y->delta_fen;
}

static bool
differs(const struct tangle *t)
{
    match_both(t);
    bool same = ours_count == theirs_count;
    for (size_t i = 0; same && i < ours_count; i++) {
        same = same_row(&ours[i], &theirs[i]);
    }
    return !same;
}

static void
print_rows(const char *whose, const struct twin_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(stderr, "%s: line %zd attempt %zd refund %zd order %zd invoice %zd %s %lld\n",
                      whose, (ssize_t)rows[i].line, (ssize_t)rows[i].member,
                      (ssize_t)rows[i].refund, (ssize_t)rows[i].order, (ssize_t)rows[i].invoice,
                      finding_name(rows[i].primary), (long long)rows[i].delta_fen);
    }
}

/* The classes that a day without movements, bank transfers and file faults can have. */
static bool
may_come(enum finding finding)
{
    static const enum finding never[] = {
        FINDING_MAN_OK,     FINDING_MAN_UNCONFIRMED, FINDING_MAN_AMOUNT,
        FINDING_MAN_REFUND, FINDING_DEP_UNKNOWN,     FINDING_MAN_ORPHAN_DEPOSIT,
    };
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        if (finding == never[i]) {
            return false;
        }
    }
    struct span name = span_of(finding_name(finding));
    return finding_kind(finding) == FINDING_PRIMARY && !span_starts(name, SPAN_LIT("FLOW_"))
           && !span_starts(name, SPAN_LIT("DEP_"));
}

Test(twin, gives_the_same_set_over_tangled_days)
{
    static size_t seen[FINDING_COUNT];
    uint64_t state = seed_start(11);
    for (int i = 0; i < DAYS; i++) {
        static struct tangle t;
        tangle_make(&t, &state);
        if (differs(&t)) {
            tangle_shrink(&t, differs);
            tangle_print(&t);
            match_both(&t);
            print_rows("engine", ours, ours_count);
            print_rows("twin", theirs, theirs_count);
            cr_assert_fail("day %d: the smallest day on which they differ is above", i);
        }
        for (size_t k = 0; k < theirs_count; k++) {
            seen[theirs[k].primary]++;
        }
    }
    for (size_t i = 1; i < FINDING_COUNT; i++) {
        cr_expect(seen[i] > 0 || !may_come((enum finding)i), "no day has %s",
                  finding_name((enum finding)i));
    }
}

static bool
has_a_pair(const struct tangle *t)
{
    for (size_t i = 0; i < t->in.line_count; i++) {
        for (size_t k = 0; k < t->in.member_count; k++) {
            if (span_eq(t->lines[i].merchant_order_no, t->members[k].attempt_no)) {
                return true;
            }
        }
    }
    return false;
}

Test(twin, shows_a_difference_on_its_smallest_day)
{
    uint64_t state = seed_start(12);
    static struct tangle t;
    do {
        tangle_make(&t, &state);
    } while (!has_a_pair(&t) || tangle_size(&t) < 20);
    tangle_shrink(&t, has_a_pair);
    cr_assert_eq(tangle_size(&t), 2);
    cr_assert(has_a_pair(&t));
}

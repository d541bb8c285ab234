/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FAKE_CHECK_H
#define TALLYGATE_TESTS_FAKE_CHECK_H

/* The three questions that tests ask most, with messages that show what came instead. */

#include <criterion/criterion.h>

#include "err.h"
#include "span.h"

#define CHECK_ERR(call, want)                                                        \
    do {                                                                             \
        enum err check_got_ = (call);                                                \
        cr_assert_eq(check_got_, (want), "%s gave %s", #call, err_name(check_got_)); \
    } while (0)
#define CHECK_OK(call) CHECK_ERR(call, ERR_OK)
#define CHECK_TEXT(got, want)                                                                  \
    do {                                                                                       \
        struct span check_s_ = (got);                                                          \
        cr_assert(span_eq_cstr(check_s_, (want)), "got '%.*s', want '%s'", SPAN_ARG(check_s_), \
                  (want));                                                                     \
    } while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <criterion/criterion.h>

/* Must fail: leaks.sh runs it and wants to see the sanitizer say so. */
Test(leak, is_noticed)
{
    void *volatile lost = malloc(40);
    cr_assert_not_null(lost);
    lost = NULL;
}

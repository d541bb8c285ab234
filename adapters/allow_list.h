/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_ALLOW_LIST_H
#define TALLYGATE_ADAPTERS_ALLOW_LIST_H

/* What the rules of signing permit: words with a blank between them. */

#include <stdbool.h>

#include "json.h"
#include "span.h"

bool allow_list_has(const char *words, struct span word);

/* Whether the object has no member beyond these. */
bool allow_list_covers(const char *words, struct json_t *object);

#endif

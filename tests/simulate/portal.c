/* SPDX-License-Identifier: Apache-2.0 */
#include "portal.h"

#include <assert.h>
#include <string.h>

#include "chance.h"
#include "weather.h"

#define TAKEN_MAX 512
#define ID_MAX    128

static struct {
    char id[ID_MAX];
    size_t len;
} taken[TAKEN_MAX];
static size_t count;

void
portal_open(void)
{
    count = 0;
}

bool
portal_is_at(struct span url)
{
    return span_eq_cstr(url, PORTAL_URL);
}

static struct span
header_of(const struct outside_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (span_eq_cstr(request->headers[i].name, name)) {
            return request->headers[i].value;
        }
    }
    return SPAN_LIT("");
}

/* Where portal_has_taken and the taking look. */
static bool
is_known(struct span id)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq(id, span_make(taken[i].id, taken[i].len))) {
            return true;
        }
    }
    return false;
}

int
portal_hear(const struct outside_request *request)
{
    struct span id = header_of(request, "webhook-id");
    bool is_signed = span_starts(header_of(request, "webhook-signature"), SPAN_LIT("v1,"));
    if (chance_permille(weather.call_broken)) {
        return 503;
    }
    if (!is_signed || id.len == 0 || id.len > ID_MAX) {
        return 400;
    }
    if (!is_known(id)) {
        assert(count < TAKEN_MAX);
        memcpy(taken[count].id, id.at, id.len);
        taken[count++].len = id.len;
    }
    return 204;
}

bool
portal_has_taken(struct span message_id)
{
    return is_known(message_id);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "notify_url.h"

#define URL_BYTES_MAX 512

enum err
notify_url(const struct services *services, const struct adapter_account *account,
           struct arena *arena, struct span *out)
{
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_BYTES_MAX);
    TRY(buf_printf(&url, "%s/callbacks/%s/%s", services->callback_url, account->adapter->name,
                   account->name));
    return arena_copy(arena, buf_span(&url), out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "adapter.h"

const struct adapter_poll_step adapter_polling_usual[] = {
#include "polling.def"
    ADAPTER_POLL_END
};

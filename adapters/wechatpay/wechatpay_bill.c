/* SPDX-License-Identifier: Apache-2.0 */
#include "wechatpay.h"

const struct adapter_bill wechatpay_bills[] = {
    { .kind = NULL },
};

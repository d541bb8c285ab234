/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_NOTICE_H
#define TALLYGATE_WORLD_ALIPAY_NOTICE_H

/* The text of a notice: its fields as the document lists them, signed and encoded (5.3, 5.4). */

#include "alipay_world.h"

struct alipay_notice_facts {
    const struct alipay_trade *trade;
    const struct alipay_refund *refund;   /* NULL: not given by a refund */
    const struct crypto_private_key *key; /* the provider's, or a forger's */
    const char *cert_sn;                  /* NULL: the notice does not name its certificate */
    const char *notify_id;
    const char *status;
    struct money total;
    struct wall_time now;
    struct wall_time paid; /* 0: never */
};

MUST_USE enum err alipay_notice_encode(const struct alipay_notice_facts *facts, struct buf *out);

#endif

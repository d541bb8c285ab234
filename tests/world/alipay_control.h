/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_ALIPAY_CONTROL_H
#define TALLYGATE_WORLD_ALIPAY_CONTROL_H

/* What a play can ask of the played Alipay; README.md describes the calls. */

#include "alipay_world.h"

void alipay_control_add(struct alipay *alipay);

#endif

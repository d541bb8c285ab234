/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_WORLD_UNIONPAY_CONTROL_H
#define TALLYGATE_WORLD_UNIONPAY_CONTROL_H

/* The control calls below /unionpay; README.md describes them. */

#include "unionpay_world.h"

void unionpay_control_add(struct unionpay *unionpay);

#endif

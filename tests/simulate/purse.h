/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_PURSE_H
#define TALLYGATE_SIMULATE_PURSE_H

/* What a payer does at a provider with what the gateway gave: submits a form, scans a code, confirms. */

#include "json.h"

struct purse;

/* `action` as the gateway's answer has it. NULL when nobody could use it. A payer comes to the provider's page at
 * once, whether she pays later or not. Purses live until purse_close. */
struct purse *purse_new(const char *provider, const struct json_t *action);

const char *purse_attempt(const struct purse *purse); /* its number */

/* She confirms; the provider may refuse, because it is too late or paid. */
void purse_pay(struct purse *purse);

void purse_close(void);

#endif

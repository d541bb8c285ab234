/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_ADAPTERS_ADDRESS_H
#define TALLYGATE_ADAPTERS_ADDRESS_H

/* Which network addresses are not of the open internet. */

#include <stdbool.h>

struct sockaddr;

/* True for loopback, private, link-local, multicast, documentation and translated addresses, and for
 * families other than IPv4 and IPv6: what a call may reach only with allow_private_address. */
bool address_private(const struct sockaddr *address);

#endif

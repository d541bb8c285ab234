/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_CHORES_H
#define TALLYGATE_PROC_FLOW_CHORES_H

/* Work that nobody waits for, claimed by lease: safe on any number of nodes. */

#include "services.h"

/* Asks about attempts whose time has come, by the schedule, and closes what is to end (poll.c). When a
 * schedule ends without a final answer the attempt is unknown, or stays closing, and a person is told. */
void chore_poll(struct services *services);

/* Tells a person, once, of each attempt that stays without a final word long after its time, and how
 * many there are (overdue.c). */
void chore_overdue(struct services *services);

/* Closes payments whose time is over: query, close, query. */
void chore_expire(struct services *services);

/* Sends refunds that are approved, and asks about those that were sent, by a schedule of their own. When it ends
 * without a final answer the refund stays as it is and a person is told. */
void chore_refunds(struct services *services);

/* Has the account's policy decide about money that nobody waited for. */
void chore_surplus(struct services *services);

/* Ends what was executed about differences as its refunds ended, and counts the differences that wait. */
void chore_differences(struct services *services);

/* Asks the providers about differences that their word may end, once for each run that shows one and then thinly, keeps
 * what they answer with each, and has days made again to which it is news (difference_ask.c). */
void chore_difference_asks(struct services *services);

/* Asks the providers about the numbers of lines that our books have no row of, likewise, and keeps what they answer with the
 * differences (difference_line_ask.c). */
void chore_difference_lines(struct services *services);

/* Forgets nonces and idempotency keys after their time. */
void chore_purge(struct services *services);

/* Has the ends of the chains of events that moved signed in a checkpoint of the audit trail. */
void chore_seal(struct services *services);

#endif

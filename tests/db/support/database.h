/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_DATABASE_H
#define TALLYGATE_TESTS_DB_SUPPORT_DATABASE_H

/* A database of the test's own in the throw-away cluster: made, migrated, dropped. */

#include "db.h"

struct database {
    char name[64];
    char superuser[256];        /* conninfo */
    char app[256];              /* conninfo as tallygate_app */
    struct db_session *session; /* as superuser */
    struct arena *arena;
};

/* Abort the test on any trouble. */
void database_open(struct database *database);
void database_close(struct database *database);

/* Runs plain SQL through libpq's own door, for set-up and for looking independently. */
void database_sql(struct database *database, const char *sql);
int64_t database_number(struct database *database, const char *sql);
/* The SQLSTATE of a statement that must fail; "" when it did not. */
const char *database_refusal(const char *conninfo, const char *sql);

/* Makes an order with a payment and `attempts` attempts in state created; payment number is the
 * given 19 digits. */
void database_payment(struct database *database, int slot, const char *payment_no,
                      const char *order_no, int attempts);

#endif

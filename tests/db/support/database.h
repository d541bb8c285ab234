/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_DB_SUPPORT_DATABASE_H
#define TALLYGATE_TESTS_DB_SUPPORT_DATABASE_H

/* A database of the test's own in the throw-away cluster: made, migrated, dropped. tests/twin has the same
 * functions, but those of plain SQL, for its tables in memory. */

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

/* The same for tests of every store. Rows of a table whose column has this value, NULL where `value` is NULL;
 * all rows without a column. */
int64_t database_count(struct database *database, const char *table, const char *column,
                       const char *value);
/* The number in that column of the table's only row. */
int64_t database_value(struct database *database, const char *table, const char *column);
/* Puts a value into that column of the rows whose `key` column has `of`; of all rows without a key. */
void database_set(struct database *database, const char *table, const char *column,
                  const char *value, const char *key, const char *of);
/* Puts every attempt straight into a state, as only a superuser can. */
void database_attempts(struct database *database, const char *state);

/* An endpoint of that owner that wants every kind of message. */
void database_endpoint(struct database *database, const char *id, const char *owner);

/* Makes an order with a payment and `attempts` attempts in state created; payment number is the
 * given 19 digits. */
void database_payment(struct database *database, int slot, const char *payment_no,
                      const char *order_no, int attempts);

#endif

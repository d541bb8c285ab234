/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_PROVIDER_HOUSE_H
#define TALLYGATE_TESTS_PROVIDER_HOUSE_H

/* What the operations at the providers need and no more: a tallygate-world, a keys process, a transport and the
 * accounts of a configuration written for that world. No database, no gateway. Whatever goes wrong here ends
 * the test. */

#include <stdbool.h>
#include <stdint.h>

#include "account.h"
#include "arena.h"
#include "clock.h"
#include "json.h"
#include "keys_client.h"
#include "transport.h"

#define HOUSE_PATH_MAX   512
#define HOUSE_REFUND_MAX 100000 /* fen: the keys process signs no refund above it */

struct event_base;

struct house {
    struct event_base *base;
    struct transport *transport;
    struct keys_client *keys;
    struct accounts *accounts;
    struct arena *arena;        /* for what a test keeps */
    char roots[HOUSE_PATH_MAX]; /* of the world's HTTPS */
};

extern struct house house;

void house_open(void);
void house_close(void);

/* Runs the loop until *done, at most some seconds. */
void house_wait(const bool *done);

/* One control call of the world; `body` NULL makes it a GET. The answer is the caller's. */
int house_control_status(const char *path, const struct json_t *body, struct json_t **out);
struct json_t *house_control(const char *path, const struct json_t *body);

/* A control call whose body has up to three texts; a name of NULL ends them. What is answered is not wanted. */
void house_do(const char *path, const char *one, struct span first, const char *two,
              const char *second);

/* Moves the world's clock and ours. */
void house_pass(int64_t seconds);

/* A page that the payer's browser asks for. */
void house_browse(const struct adapter_request *form);

/* Bytes behind a plain link. */
struct span house_download(struct span url, const struct adapter_account *account);

#endif

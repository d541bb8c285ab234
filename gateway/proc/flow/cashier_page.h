/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_FLOW_CASHIER_PAGE_H
#define TALLYGATE_PROC_FLOW_CASHIER_PAGE_H

/* One page being filled: the values its template names, kept in the request's arena. */

#include "asset_files.h"
#include "cashier.h"
#include "template.h"

#define CASHIER_TEXT_MAX 512
#define PAGE_VALUES_MAX  32

/* The first failure is kept and told by the page that would have shown it. */
struct page {
    struct cashier *cashier;
    struct template_value values[PAGE_VALUES_MAX];
    size_t count;
    bool names_origin; /* the next address may learn from whose page the payer comes */
    enum err err;
};

/* Begins with language and seller; page_put_payment adds what every page about a payment shows. */
void page_open(struct page *page, struct cashier *cashier);
void page_put_payment(struct page *page);

void page_put(struct page *page, const char *name, struct span value); /* borrowed */
/* Copied; `err` is how the text was made. */
void page_put_buf(struct page *page, const char *name, const struct buf *text, enum err err);
void page_put_money(struct page *page, const char *name, struct money money);
void page_put_time(struct page *page, const char *name, struct wall_time time); /* China time */
void page_put_local_url(struct page *page, const char *name, const char *tail, const char *query);
void page_put_other_language(struct page *page);

/* Renders and answers; `why` goes to the log. A page that cannot be made is answered as a problem. */
void page_reply(struct page *page, enum asset asset, int status, enum err why, struct span policy);

struct span page_asset(enum asset asset);
struct span cashier_provider_name(const struct cashier *cashier, struct span provider);

/* "/pay/{token}" with a tail such as "/return" and a query, and the language when it was chosen. */
MUST_USE enum err cashier_local_url(const struct cashier *cashier, const char *tail,
                                    const char *query, struct buf *out);

#endif

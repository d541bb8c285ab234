/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROC_CLI_H
#define TALLYGATE_PROC_CLI_H

/* The operator's program `tallygate`: one table of commands in main.c, one file per command. A command
 * answers with an exit status of child.h: EXIT_YES, EXIT_NO when the answer is no, EXIT_TROUBLE when
 * it could not find out. Answers go to standard output, everything said to standard error, in
 * Chinese or with --lang en in English: what happened, and what to do next. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "account.h"
#include "child.h"
#include "clock.h"
#include "config.h"
#include "db.h"
#include "err.h"
#include "progress.h"
#include "span.h"

struct cli {
    const char *config_path;
    const char *conninfo; /* NULL: what the configuration says */
    enum language language;
    bool shift_given;
    int64_t clock_shift_s;
    bool no_progress;

    /* Made when first asked for by the functions below; cli_fini frees them. */
    struct config *config;
    struct accounts *accounts;
    struct db_session *session;
};

void cli_fini(struct cli *cli);

/* The commands; argv[0] is the command's own last word. */
int command_audit_export(struct cli *cli, int argc, char **argv);
int command_audit_verify(struct cli *cli, int argc, char **argv);
int command_bills_check(struct cli *cli, int argc, char **argv);
int command_bills_fetch(struct cli *cli, int argc, char **argv);
int command_bills_import(struct cli *cli, int argc, char **argv);
int command_certificate_export(struct cli *cli, int argc, char **argv);
int command_certificate_verify(struct cli *cli, int argc, char **argv);
int command_check_config(struct cli *cli, int argc, char **argv);
int command_differences_list(struct cli *cli, int argc, char **argv);
int command_differences_show(struct cli *cli, int argc, char **argv);
int command_differences_verify(struct cli *cli, int argc, char **argv);
int command_deposits_import(struct cli *cli, int argc, char **argv);
int command_deposits_match(struct cli *cli, int argc, char **argv);
int command_deposits_reconcile(struct cli *cli, int argc, char **argv);
int command_doctor(struct cli *cli, int argc, char **argv);
int command_explain(struct cli *cli, int argc, char **argv);
int command_keys_list(struct cli *cli, int argc, char **argv);
int command_keys_rehearse(struct cli *cli, int argc, char **argv);
int command_migrate(struct cli *cli, int argc, char **argv);
int command_orders_import(struct cli *cli, int argc, char **argv);
int command_invoices_import(struct cli *cli, int argc, char **argv);
int command_reconcile(struct cli *cli, int argc, char **argv);
int command_reconcile_export(struct cli *cli, int argc, char **argv);
int command_reconcile_differences(struct cli *cli, int argc, char **argv);
int command_reconcile_list(struct cli *cli, int argc, char **argv);
int command_reconcile_offline(struct cli *cli, int argc, char **argv);
int command_report(struct cli *cli, int argc, char **argv);
int command_webhooks_dead(struct cli *cli, int argc, char **argv);
int command_webhooks_list(struct cli *cli, int argc, char **argv);
int command_webhooks_replay(struct cli *cli, int argc, char **argv);
int command_webhooks_resend(struct cli *cli, int argc, char **argv);

/* A finished run to be shown: its sheet on standard output, its files where finance looks. */
struct cli_report {
    struct span account;
    struct day day;
    int64_t version; /* 0: the one that counts */
    bool settlement; /* the run of the day's settlement */
    bool quiet;      /* its files alone */
    const char *out; /* NULL: archive.reports_dir */
};
int cli_report(struct cli *cli, const struct cli_report *wish);

/* The same of a report that is at hand; the files go into `folder`. */
struct report;
int cli_report_give(const struct cli *cli, const struct report *report, const char *folder);

/* One `--name VALUE` of a command, or a `--name` alone. */
struct cli_option {
    const char *name; /* without the dashes */
    bool required;
    const char *value; /* NULL until given */
    bool alone;        /* takes no value; then it is "" */
};

/* Reads all of argv[1..]; `operand` NULL means that the command takes none, else exactly one must
 * stand there. False after saying what is wrong: return EXIT_TROUBLE then. */
bool cli_options(const struct cli *cli, int argc, char **argv, struct cli_option *options,
                 size_t count, const char **operand);

/* The value, or "" when it was not given. */
const char *cli_value(const struct cli_option *option);

/* Says that the option has no such value. False. */
bool cli_refuse(const struct cli *cli, const struct cli_option *option);

/* Each of these says itself why it failed and what to do: return EXIT_TROUBLE then. What they give is
 * owned by `cli`. The session is only given when the schema fits this program. */
MUST_USE enum err cli_config(struct cli *cli);
MUST_USE enum err cli_accounts(struct cli *cli); /* cli->accounts, and the configuration */
MUST_USE enum err cli_account(struct cli *cli, const char *name,
                              const struct adapter_account **out);
/* One that is configured, or of which there are runs: an account nobody knows has no empty list. */
MUST_USE enum err cli_known_account(struct cli *cli, const char *name);
MUST_USE enum err cli_connect(struct cli *cli, struct db_session **out); /* any schema; caller's */
MUST_USE enum err cli_session(struct cli *cli, struct db_session **out);

/* Takes what was downloaded of the providers' keys into these accounts; asks the database only when one
 * of them has keys that change while the service runs. */
MUST_USE enum err cli_downloaded_keys(struct cli *cli, struct accounts *accounts);
MUST_USE enum err cli_day(const struct cli *cli, const char *text,
                          struct day *out);                /* NULL: none */
bool cli_day_begun(const struct cli *cli, struct day day); /* else says so */
MUST_USE enum err cli_version(const struct cli *cli, const char *text, int64_t *out); /* NULL: 0 */
MUST_USE enum err cli_time(const struct cli *cli, const char *text, struct wall_time *out);

/* One message, in the language of the person; both formats take the same arguments. */
void cli_say(const struct cli *cli, const char *zh, const char *en, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));

/* Where long work tells how far it is (progress.h): a bar on standard error when that is a terminal, lines of cli_say when not. What is
 * said or answered takes a bar away, so does cli_fini. NULL when nobody wants to know. */
struct progress *cli_watch(const struct cli *cli);

/* How much there is to read in it; 0 when it is no plain file. */
int64_t cli_file_bytes(FILE *file);

/* Says that `err` stopped us, with the database's own words if it was that. Gives EXIT_TROUBLE. */
int cli_trouble(const struct cli *cli, enum err err, const char *zh, const char *en);

/* Says that a file could not be opened or read; that it is empty; or, which is no trouble, that it is a header without lines. "-" is standard
 * input. Give EXIT_TROUBLE, EXIT_TROUBLE, EXIT_YES. */
int cli_unreadable(const struct cli *cli, const char *path, enum err err);
int cli_empty(const struct cli *cli, const char *path);
int cli_header_alone(const struct cli *cli, const char *path);

/* Adds the columns of a row as they are, a TAB before each. Errors: those of buf_printf. */
MUST_USE enum err cli_cells(const struct db_rows *rows, size_t row, const char *const columns[],
                            size_t count, struct buf *out);

/* Adds "-1.05" of -105. Errors: those of buf_printf. */
MUST_USE enum err cli_yuan(int64_t fen, struct buf *out);

/* Writes an answer to standard output. Gives EXIT_YES or, when that fails, EXIT_TROUBLE. */
int cli_put(const struct cli *cli, struct span text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "rounds.h"

#include "expiry.h"
#include "keys_journal.h"
#include "keys_refunds.h"
#include "provider_line.h"

#define LINE_MAX_BYTES ((size_t)2048)
#define JSON_MAX_BYTES ((size_t)1024 * 1024)

static enum err
print_line(const struct rounds *rounds, const struct doctor_finding *finding)
{
    DEFER(buf_fini) struct buf line = BUF_MAX(LINE_MAX_BYTES);
    TRY(doctor_encode(finding, rounds->cli->language, &line));
    return cli_put(rounds->cli, buf_span(&line)) == EXIT_YES ? ERR_OK : ERR_FILE_WRITE;
}

void
rounds_print(struct rounds *rounds, const struct doctor_finding *finding)
{
    enum err err = rounds->findings != NULL ? doctor_put(finding, rounds->findings)
                                            : print_line(rounds, finding);
    rounds->healthy = rounds->healthy && finding->level == DOCTOR_OK;
    rounds->err = rounds->err == ERR_OK ? err : rounds->err;
}

/* What messages bring along is judged against these; the first to end matters. */
static void
look_at_roots(struct rounds *rounds, const struct adapter_account *account)
{
    struct doctor_finding finding;
    struct wall_time first = { .us = INT64_MAX };
    for (size_t i = 0; i < account->roots.count; i++) {
        struct wall_time end = crypto_certificate_not_after(account->roots.list[i]);
        first = end.us < first.us ? end : first;
    }
    if (account->roots.count > 0) {
        doctor_judge_end(&finding, DOCTOR_ROOTS, account->name, first, rounds->now);
        rounds_print(rounds, &finding);
    }
}

static void
look_at_account(struct rounds *rounds, const struct adapter_account *account)
{
    struct doctor_finding finding;
    if (account->application_not_after.us != 0) {
        doctor_judge_end(&finding, DOCTOR_OWN_CERTIFICATE, account->name,
                         account->application_not_after, rounds->now);
        rounds_print(rounds, &finding);
    }
    doctor_judge_keys(&finding, account, rounds->now);
    rounds_print(rounds, &finding);
    look_at_roots(rounds, account);
}

static void
look_at_tls(struct rounds *rounds)
{
    struct doctor_finding finding;
    struct wall_time end = { .us = 0 };
    const struct cli *cli = rounds->cli;
    enum err err = expiry_tls(cli->config, &end);
    if (err != ERR_OK) {
        doctor_find(&finding, DOCTOR_TLS, "", DOCTOR_FAIL, "%s%.0s", "%.0s%s",
                    err_text(err, LANGUAGE_ZH), err_text(err, LANGUAGE_EN));
    } else if (config_text(cli->config, CONFIG_listen_tls_certificate, 0)[0] == 0) {
        doctor_find(&finding, DOCTOR_TLS, "", DOCTOR_OK, "未配置（仅开发模式）",
                    "none configured (development mode only)");
    } else {
        doctor_judge_end(&finding, DOCTOR_TLS, "", end, rounds->now);
    }
    rounds_print(rounds, &finding);
}

/* One harmless query says both: whether the keys work, and what the provider's clock shows. */
static void
ask_provider(struct rounds *rounds, struct provider_line *line,
             const struct adapter_account *account)
{
    struct doctor_finding finding;
    struct provider_line_word word;
    progress_begin(cli_watch(rounds->cli), PROGRESS_ASK, 0);
    provider_line_rehearse(line, account, &word);
    doctor_judge_rehearsal(&finding, account->name, word.rehearsal, word.code, word.err);
    rounds_print(rounds, &finding);
    if (word.date.us != 0) {
        doctor_judge_skew(&finding, account->name,
                          doctor_skew_s(word.asked_at, word.heard_at, word.date));
        rounds_print(rounds, &finding);
    }
}

static void
ask_providers(struct rounds *rounds)
{
    struct doctor_finding finding;
    DEFER(provider_line_close) struct provider_line *line = NULL;
    const struct accounts *accounts = rounds->cli->accounts;
    enum err err = provider_line_open(rounds->cli->config_path, &line);
    for (size_t i = 0; i < accounts_count(accounts); i++) {
        const struct adapter_account *account = accounts_at(accounts, i);
        if (err == ERR_OK) {
            ask_provider(rounds, line, account);
        } else {
            doctor_judge_rehearsal(&finding, account->name, REHEARSAL_NOT_REACHED, "", err);
            rounds_print(rounds, &finding);
        }
    }
}

/* The file belongs to the service; who may not read it cannot tell, and says so. */
static void
look_at_journal(struct rounds *rounds)
{
    struct doctor_finding finding;
    DEFER(buf_fini) struct buf text = BUF_MAX(KEYS_REFUNDS_PATH_MAX);
    const char *path = "";
    int64_t count = 0;
    enum err err = keys_refunds_path(rounds->cli->config, &text, &path);
    if (err == ERR_OK) {
        err = keys_journal_check(path, &count);
    }
    doctor_judge_journal(&finding, path, err, count);
    rounds_print(rounds, &finding);
}

static void
look_everywhere(struct rounds *rounds)
{
    const struct accounts *accounts = rounds->cli->accounts;
    rounds_reach_database(rounds);
    for (size_t i = 0; i < accounts_count(accounts); i++) {
        look_at_account(rounds, accounts_at(accounts, i));
    }
    look_at_tls(rounds);
    look_at_journal(rounds);
    ask_providers(rounds);
    if (rounds->has_database) {
        rounds_look_into_database(rounds);
    }
}

static enum err
print_all(struct rounds *rounds)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(JSON_MAX_BYTES);
    DEFER(json_free) struct json_t *object = NULL;
    DEFER(buf_fini) struct buf at = BUF_MAX(64);
    TRY(wall_format(rounds->now, &at));
    TRY(json_new_object(&object));
    TRY(json_put_bool(object, "healthy", rounds->healthy));
    TRY(json_put_string(object, "at", buf_span(&at)));
    struct json_t *findings = rounds->findings;
    rounds->findings = NULL;
    TRY(json_put(object, "findings", findings));
    TRY(json_encode_pretty(object, &text));
    TRY(buf_byte(&text, '\n'));
    return cli_put(rounds->cli, buf_span(&text)) == EXIT_YES ? ERR_OK : ERR_FILE_WRITE;
}

static void
make_rounds(struct rounds *rounds)
{
    struct doctor_finding finding;
    struct cli *cli = rounds->cli;
    bool readable = cli_accounts(cli) == ERR_OK;
    rounds->now = clock_wall();
    doctor_find(&finding, DOCTOR_CONFIG, "", readable ? DOCTOR_OK : DOCTOR_FAIL, "%s", "%s",
                cli->config_path);
    rounds_print(rounds, &finding);
    if (readable) {
        look_everywhere(rounds);
    }
}

int
command_doctor(struct cli *cli, int argc, char **argv)
{
    struct rounds rounds = { .cli = cli, .healthy = true };
    struct cli_option options[] = { { .name = "json", .alone = true } };
    if (!cli_options(cli, argc, argv, options, 1, NULL)) {
        return EXIT_TROUBLE;
    }
    if (options[0].value != NULL) {
        rounds.err = json_new_array(&rounds.findings);
    }
    if (rounds.err == ERR_OK) {
        make_rounds(&rounds);
    }
    if (rounds.err == ERR_OK && rounds.findings != NULL) {
        rounds.err = print_all(&rounds);
    }
    json_free(&rounds.findings);
    if (rounds.err != ERR_OK) {
        return cli_trouble(cli, rounds.err, "写出检查结果", "write what was found");
    }
    return rounds.healthy ? EXIT_YES : EXIT_NO;
}

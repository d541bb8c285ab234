/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring.h"
#include "log.h"
#include "migrate.h"
#include "money.h"
#include "start_check.h"

#define ACCOUNT_ARENA_BYTES ((size_t)16 * 1024)

/* The program has one terminal, and does one thing at a time. */
static struct progress watched;

void
cli_fini(struct cli *cli)
{
    progress_close(&watched);
    db_session_close(&cli->session);
    accounts_free(&cli->accounts);
    config_free(&cli->config);
}

void
cli_say(const struct cli *cli, const char *zh, const char *en, ...)
{
    va_list arguments;
    progress_hide(&watched);
    (void)fputs("tallygate: ", stderr);
    va_start(arguments, en);
    (void)vfprintf(stderr, cli->language == LANGUAGE_EN ? en : zh, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
}

static void
say_line(void *context, const struct progress *progress, struct span text)
{
    (void)context;
    const struct cli speaker = { .language = progress->language };
    cli_say(&speaker, "%.*s", "%.*s", SPAN_ARG(text));
}

struct progress *
cli_watch(const struct cli *cli)
{
    if (cli->no_progress) {
        return NULL;
    }
    if (!watched.open) {
        progress_open(&watched, STDERR_FILENO, cli->language, say_line, NULL);
    }
    return &watched;
}

int64_t
cli_file_bytes(FILE *file)
{
    struct stat facts;
    bool plain = fstat(fileno(file), &facts) == 0 && S_ISREG(facts.st_mode);
    return plain ? (int64_t)facts.st_size : 0;
}

int
cli_trouble(const struct cli *cli, enum err err, const char *zh, const char *en)
{
    const char *task = cli->language == LANGUAGE_EN ? en : zh;
    cli_say(cli, "无法%s：%s", "could not %s: %s", task, err_text(err, cli->language));
    bool database = cli->session != NULL
                    && (err == ERR_DB_AWAY || err == ERR_DB_OUTCOME || err == ERR_DB_CONSTRAINT
                        || err == ERR_DB_STATEMENT || err == ERR_DB_SCHEMA);
    const char *words = database ? db_session_trouble(cli->session) : "";
    if (words[0] != 0) {
        cli_say(cli, "数据库说：%s", "the database says: %s", words);
    }
    return EXIT_TROUBLE;
}

static const char *
file_name(const struct cli *cli, const char *path)
{
    bool english = cli->language == LANGUAGE_EN;
    return strcmp(path, "-") != 0 ? path : english ? "standard input" : "标准输入";
}

int
cli_unreadable(const struct cli *cli, const char *path, enum err err)
{
    cli_say(cli, "无法读取 %s：%s。检查路径和权限",
            "could not read %s: %s; see its path and rights", file_name(cli, path),
            err_text(err, cli->language));
    return EXIT_TROUBLE;
}

int
cli_empty(const struct cli *cli, const char *path)
{
    cli_say(cli, "%s：%s。没有导入任何行，检查导出是否完成",
            "%s: %s; nothing was taken, see whether whatever writes it came to its end",
            file_name(cli, path), err_text(ERR_IMPORT_EMPTY, cli->language));
    return EXIT_TROUBLE;
}

int
cli_header_alone(const struct cli *cli, const char *path)
{
    cli_say(cli, "%s：0 行，只有表头", "%s: 0 lines, a header alone", file_name(cli, path));
    return EXIT_YES;
}

enum err
cli_cells(const struct db_rows *rows, size_t row, const char *const columns[], size_t count,
          struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        TRY(buf_printf(out, "\t%.*s", SPAN_ARG(db_row_text(rows, row, columns[i]))));
    }
    return ERR_OK;
}

enum err
cli_yuan(int64_t fen, struct buf *out)
{
    return money_format((struct money){ fen, CURRENCY_CNY }, out);
}

int
cli_put(const struct cli *cli, struct span text)
{
    progress_hide(&watched);
    bool written = text.len == 0 || fwrite(text.at, 1, text.len, stdout) == text.len;
    if (written && fflush(stdout) == 0) {
        return EXIT_YES;
    }
    return cli_trouble(cli, ERR_FILE_WRITE, "写到标准输出", "write to standard output");
}

static struct cli_option *
option_named(struct cli_option *options, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

/* *used tells whether the value was taken. */
static bool
take_option(const struct cli *cli, struct cli_option *options, size_t count, const char *name,
            const char *value, bool *used)
{
    struct cli_option *option = option_named(options, count, name);
    if (option == NULL) {
        cli_say(cli, "没有这个选项：--%s。用 tallygate help 查看用法",
                "no such option here: --%s; see tallygate help", name);
        return false;
    }
    if (option->value != NULL) {
        cli_say(cli, "选项给了两次：--%s", "the option is given twice: --%s", name);
        return false;
    }
    *used = !option->alone;
    if (option->alone) {
        option->value = "";
        return true;
    }
    if (value == NULL || value[0] == 0) {
        cli_say(cli, "选项缺少取值：--%s", "the option needs a value: --%s", name);
        return false;
    }
    option->value = value;
    return true;
}

static bool
nothing_missing(const struct cli *cli, const struct cli_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (options[i].required && options[i].value == NULL) {
            cli_say(cli, "缺少选项 --%s。用 tallygate help 查看用法",
                    "the option --%s is needed; see tallygate help", options[i].name);
            return false;
        }
    }
    return true;
}

bool
cli_options(const struct cli *cli, int argc, char **argv, struct cli_option *options, size_t count,
            const char **operand)
{
    if (operand != NULL) {
        *operand = NULL;
    }
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            const char *value = i + 1 < argc ? argv[i + 1] : NULL;
            bool used = false;
            if (!take_option(cli, options, count, argv[i] + 2, value, &used)) {
                return false;
            }
            i += used ? 1 : 0;
        } else if (operand != NULL && *operand == NULL) {
            *operand = argv[i];
        } else {
            cli_say(cli, "多余的参数：%s", "an argument too many: %s", argv[i]);
            return false;
        }
    }
    if (operand != NULL && *operand == NULL) {
        cli_say(cli, "%s：缺少文件名", "%s: a file name is needed", argv[0]);
        return false;
    }
    return nothing_missing(cli, options, count);
}

const char *
cli_value(const struct cli_option *option)
{
    return option->value == NULL ? "" : option->value;
}

bool
cli_refuse(const struct cli *cli, const struct cli_option *option)
{
    cli_say(cli, "--%s “%s” 不是可用的取值，请见 tallygate(8)",
            "--%s \"%s\" is no value of it; see tallygate(8)", option->name, option->value);
    return false;
}

static void
explain(const struct cli *cli, const struct config_fault *fault)
{
    char where[32] = "";
    if (fault->line > 0) {
        (void)snprintf(where, sizeof(where), ":%d", fault->line);
    }
    cli_say(cli, "配置被拒绝 %s%s：%s%s%s。改正后再试",
            "the configuration is refused, %s%s: %s%s%s; correct it and try again", fault->file,
            where, fault->setting, fault->setting[0] == 0 ? "" : ": ", fault->message);
}

static enum err
shift_clock(const struct cli *cli)
{
    bool development = strcmp(config_text(cli->config, CONFIG_server_mode, 0), "development") == 0;
    if (cli->shift_given && !development) {
        cli_say(cli, "--clock-shift-s 只能在开发模式使用",
                "--clock-shift-s is for development mode only");
        return ERR_CONFIG_VALUE;
    }
    clock_wall_shift(cli->shift_given ? cli->clock_shift_s
                                      : config_int(cli->config, CONFIG_server_clock_shift_s, 0));
    return ERR_OK;
}

enum err
cli_config(struct cli *cli)
{
    if (cli->config != NULL) {
        return ERR_OK;
    }
    struct config_fault fault = { 0 };
    log_open("tallygate", LOG_LEVEL_WARN);
    enum err err = config_load(cli->config_path, &cli->config, &fault);
    if (err == ERR_OK) {
        err = start_check(cli->config_path, cli->config, &fault);
    }
    if (err != ERR_OK) {
        explain(cli, &fault);
        return err;
    }
    return shift_clock(cli);
}

enum err
cli_accounts(struct cli *cli)
{
    struct config_fault fault = { 0 };
    TRY(cli_config(cli));
    if (cli->accounts != NULL) {
        return ERR_OK;
    }
    enum err err = accounts_load(cli->config, clock_wall(), &cli->accounts, &fault);
    if (err != ERR_OK) {
        explain(cli, &fault);
    }
    return err;
}

enum err
cli_account(struct cli *cli, const char *name, const struct adapter_account **out)
{
    TRY(cli_accounts(cli));
    const struct adapter_account *account = accounts_find(cli->accounts, span_of(name));
    if (account == NULL) {
        cli_say(cli, "配置中没有账号 %s", "the configuration has no account %s", name);
        return ERR_PROVIDER_UNKNOWN;
    }
    *out = account;
    return ERR_OK;
}

static bool
is_configured(const struct cli *cli, const char *name)
{
    size_t count = config_count(cli->config, CONFIG_SECTION_account);
    bool found = false;
    for (size_t i = 0; i < count && !found; i++) {
        found = strcmp(config_name(cli->config, CONFIG_SECTION_account, i), name) == 0;
    }
    return found;
}

static enum err
ask_account(struct db_session *session, const char *name, bool *known)
{
    DEFER(arena_free) struct arena *arena = NULL;
    DEFER(db_rows_free) struct db_rows *rows = NULL;
    struct db_params params;
    TRY(arena_new(ACCOUNT_ARENA_BYTES, &arena));
    db_params_init(&params, arena);
    db_cstr(&params, name);
    TRY(db_session_run(session, STATEMENT_recon_account, &params, &rows));
    *known = db_rows_count(rows) == 1 && db_row_bool(rows, 0, "known");
    return ERR_OK;
}

enum err
cli_known_account(struct cli *cli, const char *name)
{
    struct db_session *session = NULL;
    bool known = false;
    TRY(cli_session(cli, &session));
    if (is_configured(cli, name)) {
        return ERR_OK;
    }
    enum err err = ask_account(session, name, &known);
    if (err != ERR_OK) {
        (void)cli_trouble(cli, err, "查找账号", "look for the account");
    } else if (!known) {
        cli_say(cli, "配置中没有账号 %s，也没有它的对账结果",
                "the configuration has no account %s, and nothing of it was reconciled", name);
        err = ERR_PROVIDER_UNKNOWN;
    }
    return err;
}

enum err
cli_connect(struct cli *cli, struct db_session **out)
{
    TRY(cli_config(cli));
    const char *conninfo = cli->conninfo == NULL
                               ? config_text(cli->config, CONFIG_database_conninfo, 0)
                               : cli->conninfo;
    enum err err = db_session_open(conninfo, out);
    if (err != ERR_OK) {
        (void)cli_trouble(cli, err, "连接数据库（检查 database.conninfo，以及数据库是否运行）",
                          "reach the database (see database.conninfo, and whether it runs)");
    }
    return err;
}

enum err
cli_session(struct cli *cli, struct db_session **out)
{
    TRY(cli_config(cli));
    if (cli->session == NULL) {
        TRY(cli_connect(cli, &cli->session));
    }
    enum err err = migrate_check(cli->session);
    if (err != ERR_OK) {
        (void)cli_trouble(cli, err, "使用此数据库（先运行 tallygate migrate）",
                          "use this database (run tallygate migrate first)");
        return err;
    }
    *out = cli->session;
    return ERR_OK;
}

enum err
cli_downloaded_keys(struct cli *cli, struct accounts *accounts)
{
    bool changing = false;
    struct db_session *session = NULL;
    for (size_t i = 0; i < accounts_count(accounts); i++) {
        changing = changing || accounts_at(accounts, i)->adapter->keys_read != NULL;
    }
    if (!changing) {
        return ERR_OK;
    }
    TRY(cli_session(cli, &session));
    enum err err = keyring_load(session, accounts);
    if (err != ERR_OK) {
        (void)cli_trouble(cli, err, "读取已下载的渠道密钥", "read the downloaded keys");
    }
    return err;
}

enum err
cli_day(const struct cli *cli, const char *text, struct day *out)
{
    if (text == NULL) {
        *out = (struct day){ .year = 0 };
        return ERR_OK;
    }
    enum err err = day_parse(span_of(text), out);
    if (err != ERR_OK) {
        cli_say(cli, "不是日期：%s。写法为 2026-11-24", "not a day: %s; write it as 2026-11-24",
                text);
    }
    return err;
}

bool
cli_day_begun(const struct cli *cli, struct day day)
{
    bool begun = day_cmp(day, day_of(clock_wall(), ZONE_CHINA_MIN)) <= 0;
    if (!begun) {
        cli_say(cli, "该日尚未到来", "that day is still to come");
    }
    return begun;
}

enum err
cli_time(const struct cli *cli, const char *text, struct wall_time *out)
{
    enum err err = wall_parse(span_of(text), out);
    if (err != ERR_OK) {
        cli_say(cli, "不是时间：%s。写法为 2026-11-24T10:00:00+08:00",
                "not a time: %s; write it as 2026-11-24T10:00:00+08:00", text);
    }
    return err;
}

enum err
cli_version(const struct cli *cli, const char *text, int64_t *out)
{
    if (text == NULL) {
        *out = 0;
        return ERR_OK;
    }
    enum err err = span_to_i64(span_of(text), 1, INT32_MAX, out);
    if (err != ERR_OK) {
        cli_say(cli, "--version “%s” 不是版本号，请给 1 起的整数",
                "--version \"%s\" is no version; "
                "give a whole number from 1",
                text);
    }
    return err;
}

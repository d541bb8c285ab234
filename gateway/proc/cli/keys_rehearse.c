/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli.h"
#include "provider_line.h"

#define CONFIG_MAX_BYTES ((size_t)1024 * 1024)
#define FOLDER_PATTERN   "/tmp/tallygate-rehearsal-XXXXXX"
#define FILE_NAME        "/tallygate.conf"

/* tallygate keys rehearse: the configuration as it would be after the change, in a folder of its own; a
 * keys process reads it and signs a harmless query. What is in force stays as it is. */

enum {
    OPTION_ACCOUNT,
    OPTION_PRIVATE_KEY,
    OPTION_PASSWORD,
    OPTION_CERTIFICATE,
    OPTION_SERIAL,
    OPTION_PROVIDER_KEY,
    OPTION_PROVIDER_KEY_ID,
    OPTION_SEALING_KEY,
    OPTION_COUNT
};

/* What each option puts in the place of what is configured. */
static const struct {
    int option;
    enum config_setting setting;
    bool is_file;
} changes[] = {
    { OPTION_PRIVATE_KEY, CONFIG_account_private_key, true },
    { OPTION_PASSWORD, CONFIG_account_private_key_password, true },
    { OPTION_CERTIFICATE, CONFIG_account_application_certificate, true },
    { OPTION_SERIAL, CONFIG_account_application_serial, false },
    { OPTION_PROVIDER_KEY, CONFIG_account_provider_public_key, true },
    { OPTION_PROVIDER_KEY_ID, CONFIG_account_provider_public_key_id, false },
    { OPTION_SEALING_KEY, CONFIG_account_sealing_key, true },
};

struct trial {
    char folder[sizeof(FOLDER_PATTERN)];         /* "" until it is made */
    char path[sizeof(FOLDER_PATTERN FILE_NAME)]; /* "" until it is named */
    struct config *config;
    struct accounts *accounts;
    const struct adapter_account *account;
};

static void
trial_fini(struct trial *trial)
{
    accounts_free(&trial->accounts);
    config_free(&trial->config);
    if (trial->path[0] != 0) {
        (void)unlink(trial->path);
    }
    if (trial->folder[0] != 0) {
        (void)rmdir(trial->folder);
    }
}

/* Files are meant from where the person stands, not from where the trial's configuration lies. */
static enum err
put_change(const struct cli *cli, struct config *config, size_t index, enum config_setting setting,
           bool is_file, const char *value)
{
    char whole[PATH_MAX];
    if (is_file && realpath(value, whole) == NULL) {
        cli_say(cli, "找不到文件 %s", "there is no file %s", value);
        return ERR_FILE_OPEN;
    }
    enum err err = config_set(config, setting, index, is_file ? whole : value);
    if (err != ERR_OK) {
        cli_say(cli, "取值不合规：%s", "the value is not allowed: %s", value);
    }
    return err;
}

static enum err
put_changes(const struct cli *cli, const struct cli_option *options, struct config *config)
{
    size_t index = 0;
    while (!span_eq_cstr(span_of(options[OPTION_ACCOUNT].value),
                         config_name(config, CONFIG_SECTION_account, index))) {
        index++; /* the account is there: cli_account has found it */
    }
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const char *value = options[changes[i].option].value;
        if (value != NULL) {
            TRY(put_change(cli, config, index, changes[i].setting, changes[i].is_file, value));
        }
    }
    return ERR_OK;
}

/* Mode 600 in a folder of mode 700: the file names where keys lie. */
static enum err
write_trial(struct trial *trial, struct span text)
{
    (void)snprintf(trial->folder, sizeof(trial->folder), "%s", FOLDER_PATTERN);
    if (mkdtemp(trial->folder) == NULL) {
        trial->folder[0] = 0;
        return ERR_FILE_WRITE;
    }
    (void)snprintf(trial->path, sizeof(trial->path), "%s" FILE_NAME, trial->folder);
    int fd = open(trial->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        return ERR_FILE_WRITE;
    }
    ssize_t written = write(fd, text.at, text.len);
    int closed = close(fd);
    return written == (ssize_t)text.len && closed == 0 ? ERR_OK : ERR_FILE_WRITE;
}

static enum err
make_trial(struct cli *cli, const struct cli_option *options, struct trial *trial)
{
    struct config_fault fault = { .line = 0 };
    DEFER(buf_fini) struct buf text = BUF_MAX(CONFIG_MAX_BYTES);
    TRY(config_load(cli->config_path, &trial->config, &fault));
    TRY(put_changes(cli, options, trial->config));
    TRY(config_print(trial->config, &text));
    TRY(write_trial(trial, buf_span(&text)));
    enum err err = accounts_load(trial->config, clock_wall(), &trial->accounts, &fault);
    if (err != ERR_OK) {
        cli_say(cli, "新密钥或证书不可用：%s", "the new key or certificate cannot be used: %s",
                err_text(err, cli->language));
        return err;
    }
    trial->account = accounts_find(trial->accounts, span_of(options[OPTION_ACCOUNT].value));
    return cli_downloaded_keys(cli, trial->accounts);
}

static void
say_code(const struct cli *cli, const struct provider_line_word *word)
{
    if (word->code[0] != 0) {
        cli_say(cli, "渠道答复：%s %s", "the provider says: %s %s", word->code, word->message);
    }
}

static void
say_unverified(const struct cli *cli, const struct provider_line_word *word)
{
    cli_say(cli, "渠道已答复，但其签名与所配置的渠道公钥或证书不符：核对渠道公钥%s%s",
            "the provider answered, but its signature fits none of the configured keys of the "
            "provider; compare them with its site%s%s",
            word->unknown_serial[0] == 0 ? "" : ": ", word->unknown_serial);
}

/* An unsigned "no such order" proves our key, over TLS, and says nothing about the provider's. */
static int
say_one_way(const struct cli *cli, const struct cli_option *options)
{
    static const int theirs[] = { OPTION_PROVIDER_KEY, OPTION_PROVIDER_KEY_ID, OPTION_SEALING_KEY };
    for (size_t i = 0; i < sizeof(theirs) / sizeof(theirs[0]); i++) {
        if (options[theirs[i]].value != NULL) {
            cli_say(
                cli,
                "渠道接受我方签名，但其拒绝答复不带签名，未能证明 --%s：切换后看第一条通知是否验签通过",
                "the provider takes our signature, but its refusal is unsigned and --%s stays "
                "unproven: after the change see that the first message verifies",
                options[theirs[i]].name);
            return EXIT_TROUBLE;
        }
    }
    cli_say(cli, "演练成功：渠道接受我方签名（其拒绝答复不带签名），可以切换",
            "the rehearsal succeeded: the provider takes our signature (its refusals are "
            "unsigned); the key can be switched on");
    return EXIT_YES;
}

static int
say_word(const struct cli *cli, const struct cli_option *options,
         const struct provider_line_word *word)
{
    switch (word->rehearsal) {
    case REHEARSAL_PROVEN:
        cli_say(cli, "演练成功：渠道接受我方签名，其答复已验签，可以切换",
                "the rehearsal succeeded: the provider takes our signature and its answer is "
                "verified; the key can be switched on");
        return EXIT_YES;
    case REHEARSAL_ONE_WAY:
        return say_one_way(cli, options);
    case REHEARSAL_REFUSED:
        cli_say(cli, "渠道不接受我方签名或账号：先在渠道侧登记新密钥，再演练",
                "the provider does not take our signature or account; register the new key there "
                "and rehearse again");
        say_code(cli, word);
        return EXIT_NO;
    case REHEARSAL_UNVERIFIED:
        say_unverified(cli, word);
        say_code(cli, word);
        return EXIT_NO;
    case REHEARSAL_UNDECIDED:
        cli_say(cli, "渠道的答复不能说明问题（%s），稍后再演练",
                "the provider's answer decides nothing (%s); rehearse again later",
                err_text(word->err, cli->language));
        say_code(cli, word);
        return EXIT_TROUBLE;
    case REHEARSAL_NOT_REACHED:
    case REHEARSAL_NONE:
    case REHEARSAL_COUNT:
        break;
    }
    cli_say(cli, "未得到渠道答复：%s。密钥文件不可用时，原因见上方日志",
            "the provider gave no answer: %s; when a key file cannot be used, the log above says "
            "why",
            err_text(word->err, cli->language));
    return EXIT_TROUBLE;
}

static int
rehearse(struct cli *cli, const struct cli_option *options)
{
    DEFER(trial_fini) struct trial trial = { .folder = "" };
    DEFER(provider_line_close) struct provider_line *line = NULL;
    struct provider_line_word word;
    enum err err = make_trial(cli, options, &trial);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "准备演练", "prepare the rehearsal");
    }
    err = provider_line_open(trial.path, &line);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "演练（tallygated 须与 tallygate 在同一目录）",
                           "rehearse (tallygated must lie beside tallygate)");
    }
    progress_begin(cli_watch(cli), PROGRESS_ASK, 0);
    provider_line_rehearse(line, trial.account, &word);
    return say_word(cli, options, &word);
}

int
command_keys_rehearse(struct cli *cli, int argc, char **argv)
{
    struct cli_option options[OPTION_COUNT] = {
        [OPTION_ACCOUNT] = { .name = "account", .required = true },
        [OPTION_PRIVATE_KEY] = { .name = "private-key" },
        [OPTION_PASSWORD] = { .name = "password" },
        [OPTION_CERTIFICATE] = { .name = "application-certificate" },
        [OPTION_SERIAL] = { .name = "application-serial" },
        [OPTION_PROVIDER_KEY] = { .name = "provider-public-key" },
        [OPTION_PROVIDER_KEY_ID] = { .name = "provider-public-key-id" },
        [OPTION_SEALING_KEY] = { .name = "sealing-key" },
    };
    const struct adapter_account *account = NULL;
    if (!cli_options(cli, argc, argv, options, OPTION_COUNT, NULL)
        || cli_account(cli, options[OPTION_ACCOUNT].value, &account) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    return rehearse(cli, options);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <string.h>

#include "cli.h"
#include "clients.h"
#include "file.h"
#include "signature_base.h"
#include "signature_explain.h"

/* tallygate explain: the text that a portal request is signed over, made by the same code as the gateway's, without a
 * server; and, given a signature, which component differs. */

#define HEADERS_MAX   32
#define NONCE_BYTES   16
#define INPUT_MAX     1024
#define DEFAULT_LABEL "sig"

struct asking {
    struct cli *cli;
    const char *client;
    const char *method;
    const char *url;
    const char *body_file;
    const char *signature_input;
    const char *signature;
    struct http_header headers[HEADERS_MAX];
    size_t header_count;
    struct http_request request;
    struct span authority;
    struct buf body;
};

static const struct option options[] = {
    { "client", required_argument, NULL, 'c' },
    { "method", required_argument, NULL, 'm' },
    { "url", required_argument, NULL, 'u' },
    { "header", required_argument, NULL, 'h' },
    { "body", required_argument, NULL, 'b' },
    { "signature-input", required_argument, NULL, 'i' },
    { "signature", required_argument, NULL, 's' },
    { NULL, 0, NULL, 0 },
};

static enum err
add_header(struct asking *asking, struct span name, struct span value)
{
    void *room = NULL;
    if (asking->header_count == HEADERS_MAX || span_empty(name)) {
        return ERR_FIELD_VALUE;
    }
    TRY(arena_alloc(asking->request.arena, name.len, &room));
    unsigned char *lower = room;
    for (size_t i = 0; i < name.len; i++) {
        lower[i] = name.at[i] >= 'A' && name.at[i] <= 'Z' ? name.at[i] | 0x20 : name.at[i];
    }
    asking->headers[asking->header_count++] =
        (struct http_header){ .name = span_make(lower, name.len), .value = value };
    return ERR_OK;
}

static enum err
take_header(struct asking *asking, const char *line)
{
    struct span value = span_of(line);
    struct span name;
    if (!span_cut(&value, ':', &name)) {
        return ERR_FIELD_VALUE;
    }
    return add_header(asking, name, span_trim(value, " \t"));
}

static enum err
take_option(struct asking *asking, int letter, const char *value)
{
    const struct {
        int letter;
        const char **to;
    } texts[] = {
        { 'c', &asking->client },    { 'm', &asking->method },          { 'u', &asking->url },
        { 'b', &asking->body_file }, { 'i', &asking->signature_input }, { 's', &asking->signature },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (letter == texts[i].letter) {
            bool again = *texts[i].to != NULL;
            *texts[i].to = value;
            return again ? ERR_FIELD_REPEATED : ERR_OK;
        }
    }
    return letter == 'h' ? take_header(asking, value) : ERR_FIELD_UNKNOWN;
}

static bool
read_options(struct asking *asking, int argc, char **argv)
{
    int letter;
    bool understood = true;
    optind = 1;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): this program has one thread */
    while ((letter = getopt_long(argc, argv, "+", options, NULL)) != -1) {
        understood = take_option(asking, letter, optarg) == ERR_OK && understood;
    }
    bool complete = asking->client != NULL && asking->method != NULL && asking->url != NULL;
    bool both = (asking->signature == NULL) == (asking->signature_input == NULL);
    if (!understood || !complete || !both || optind != argc) {
        cli_say(
            asking->cli,
            "用法：explain --client KEYID --method M --url URL [--header '名称: 值'] [--body 文件] "
            "[--signature-input V --signature V]",
            "usage: explain --client KEYID --method M --url URL [--header 'Name: value'] "
            "[--body FILE] [--signature-input V --signature V]");
        return false;
    }
    return true;
}

/* "https://host:port/path?query" */
static enum err
read_url(struct asking *asking)
{
    struct http_request *request = &asking->request;
    struct span url = span_of(asking->url);
    size_t scheme = span_find(url, SPAN_LIT("://"));
    if (scheme == url.len) {
        return ERR_FIELD_VALUE;
    }
    struct span rest = span_sub(url, scheme + 3, url.len);
    size_t host = span_index(rest, '/');
    asking->authority = span_sub(rest, 0, host);
    request->target = span_sub(rest, host, rest.len);
    request->query = request->target;
    (void)span_cut(&request->query, '?', &request->path);
    bool whole = asking->authority.len > 0 && request->target.len > 0;
    return whole ? add_header(asking, SPAN_LIT("host"), asking->authority) : ERR_FIELD_VALUE;
}

static enum err
add_digest(struct asking *asking)
{
    DEFER(buf_fini) struct buf digest = BUF_MAX(128);
    struct span value;
    asking->request.header_count = asking->header_count;
    bool given = !span_empty(http_header_get(&asking->request, "content-digest"));
    if (given || asking->request.body.len == 0) {
        return ERR_OK;
    }
    TRY(signature_digest(asking->request.body, &digest));
    TRY(arena_copy(asking->request.arena, buf_span(&digest), &value));
    return add_header(asking, SPAN_LIT("content-digest"), value);
}

/* What a client may send, when none was given: made now, with a nonce of its own. */
static enum err
propose_input(struct asking *asking, struct span *out)
{
    unsigned char random[NONCE_BYTES];
    DEFER(buf_fini) struct buf text = BUF_MAX(INPUT_MAX);
    const char *digest = asking->request.body.len > 0 ? " \"content-digest\"" : "";
    TRY(crypto_random(random, sizeof(random)));
    TRY(buf_printf(&text, DEFAULT_LABEL "=(\"@method\" \"@target-uri\"%s);created=%lld;nonce=\"",
                   digest, (long long)(clock_wall().us / 1000000)));
    TRY(crypto_hex_encode(span_make(random, sizeof(random)), &text));
    TRY(buf_printf(&text, "\";keyid=\"%s\"", asking->client));
    return arena_copy(asking->request.arena, buf_span(&text), out);
}

static enum err
add_signature(struct asking *asking)
{
    struct span input = span_of(asking->signature_input);
    struct span signature = span_of(asking->signature);
    if (asking->signature == NULL) {
        TRY(propose_input(asking, &input));
        signature = SPAN_LIT(DEFAULT_LABEL "=:AAAA:");
    }
    TRY(add_header(asking, SPAN_LIT("signature-input"), input));
    TRY(add_header(asking, SPAN_LIT("signature"), signature));
    asking->request.header_count = asking->header_count;
    return ERR_OK;
}

static enum err
make_request(struct asking *asking)
{
    asking->request.headers = asking->headers;
    asking->request.method_text = span_of(asking->method);
    TRY(read_url(asking));
    if (asking->body_file != NULL) {
        TRY(file_read(asking->body_file, HTTP_API_BODY_MAX, &asking->body));
        asking->request.body = buf_span(&asking->body);
    }
    TRY(add_digest(asking));
    return add_signature(asking);
}

static void
say_header(const struct asking *asking, const char *title, const char *name)
{
    struct span value = http_header_get(&asking->request, name);
    if (!span_empty(value)) {
        cli_say(asking->cli, "%s: %.*s", "%s: %.*s", title, SPAN_ARG(value));
    }
}

static enum err
find_client(const struct asking *asking, size_t *out)
{
    const struct config *config = asking->cli->config;
    for (size_t i = 0; i < config_count(config, CONFIG_SECTION_client); i++) {
        if (strcmp(config_name(config, CONFIG_SECTION_client, i), asking->client) == 0) {
            *out = i;
            return ERR_OK;
        }
    }
    cli_say(asking->cli, "配置中没有客户端 %s", "the configuration has no client %s",
            asking->client);
    return ERR_SIG_KEY;
}

static enum err
judge(const struct signature_attempt *attempt)
{
    struct signature_input input;
    TRY(signature_read(attempt->request, attempt->scheme, attempt->authority, &input));
    if (!span_eq_cstr(input.keyid, attempt->key->keyid)) {
        return ERR_SIG_KEY;
    }
    return signature_check(&input, attempt->key, attempt->now, attempt->age_max_s);
}

static int
say_verdict(const struct asking *asking, const struct signature_attempt *attempt,
            const struct signature_explanation *explanation)
{
    enum language language = asking->cli->language;
    if (asking->signature == NULL) {
        say_header(asking, "Content-Digest", "content-digest");
        say_header(asking, "Signature-Input", "signature-input");
    } else if (attempt->refusal == ERR_OK) {
        cli_say(asking->cli, "签名有效", "the signature is genuine");
    } else {
        cli_say(asking->cli, "%s（%s）", "%s (%s)", err_text(attempt->refusal, language),
                err_code(attempt->refusal));
    }
    for (size_t i = 0; i < explanation->count; i++) {
        const struct signature_finding *finding = &explanation->findings[i];
        cli_say(asking->cli, "%.*s：%s（%s）", "%.*s: %s (%s)", SPAN_ARG(finding->component),
                signature_difference_text(finding->what, language),
                signature_difference_code(finding->what));
    }
    int status = cli_put(asking->cli, explanation->base);
    return status != EXIT_YES || attempt->refusal == ERR_OK ? status : EXIT_NO;
}

static int
explain(const struct asking *asking, const struct signature_key *key)
{
    const struct config *config = asking->cli->config;
    struct signature_explanation explanation;
    struct signature_attempt attempt = {
        .request = &asking->request,
        .scheme = clients_scheme(config),
        .authority = asking->authority,
        .key = key,
        .now = clock_wall(),
        .age_max_s = config_int(config, CONFIG_portal_signature_age_s, 0),
    };
    attempt.refusal = asking->signature == NULL ? ERR_OK : judge(&attempt);
    enum err err = signature_explain(&attempt, &explanation);
    if (err != ERR_OK) {
        return cli_trouble(asking->cli, err, "读取签名", "read the signature");
    }
    return say_verdict(asking, &attempt, &explanation);
}

/* The client's key is needed only to judge a signature. */
static int
explain_client(struct asking *asking)
{
    struct signature_key key = { .keyid = asking->client };
    struct config_fault fault;
    size_t index = 0;
    if (cli_config(asking->cli) != ERR_OK || find_client(asking, &index) != ERR_OK) {
        return EXIT_TROUBLE;
    }
    enum err err = make_request(asking);
    if (err != ERR_OK) {
        return cli_trouble(asking->cli, err, "读取请求", "read the request");
    }
    if (asking->signature != NULL
        && clients_key(asking->cli->config, index, &key, &fault) != ERR_OK) {
        clients_key_fini(&key);
        cli_say(asking->cli, "%s：%s", "%s: %s", fault.setting, fault.message);
        return EXIT_TROUBLE;
    }
    int status = explain(asking, &key);
    clients_key_fini(&key);
    return status;
}

int
command_explain(struct cli *cli, int argc, char **argv)
{
    struct asking asking = { .cli = cli };
    enum err err = arena_new(HTTP_ARENA_MAX, &asking.request.arena);
    if (err != ERR_OK) {
        return cli_trouble(cli, err, "读取请求", "read the request");
    }
    buf_init(&asking.body, HTTP_API_BODY_MAX + 1);
    int status = read_options(&asking, argc, argv) ? explain_client(&asking) : EXIT_TROUBLE;
    buf_fini(&asking.body);
    arena_free(&asking.request.arena);
    return status;
}

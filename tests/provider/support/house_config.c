/* SPDX-License-Identifier: Apache-2.0 */
/* The accounts of the development house, as tests/scenario/house.sh has them. One of Alipay takes no payment that
 * the keys process would not give back, the other does, and so may not cancel. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "house_internal.h"

#define HTTP "http://"

struct row {
    const char *name;
    const char *provider;
    const char *application;
    const char *merchant;
    const char *scheme;
    const char *methods;
    const char *files; /* setting and file of the PKI, alternating, blank-separated */
    const char *more;  /* whole settings */
};

static const struct row rows[] = {
    { "alipay-key", "alipay", "2021000000000001", "2088000000000001", "public-key", "page wap",
      "private_key alipay-plain-app.key provider_public_key alipay-plain-provider.pub", "" },
    { "alipay-cert", "alipay", "2021000000000002", "2088000000000002", "certificate", "qr",
      "private_key alipay-app.key application_certificate alipay-app.crt "
      "provider_certificate alipay-provider-chain.crt root_certificates alipay-root-bundle.crt",
      "amount_max = 1000.00\n" },
    { "wechatpay-cert", "wechatpay", "wx0000000000000001", "1900000001", "platform-certificate",
      "qr",
      "private_key wechatpay-cert-merchant.key application_certificate wechatpay-cert-merchant.crt "
      "sealing_key wechatpay-cert.apiv3",
      "" },
    { "wechatpay-sm", "wechatpay", "wx0000000000000003", "1900000003", "sm", "qr",
      "private_key wechatpay-sm-merchant.key application_certificate wechatpay-sm-merchant.crt "
      "sealing_key wechatpay-sm.apiv3",
      "" },
    { "wechatpay-pub", "wechatpay", "wx0000000000000002", "1900000002", "public-key", "wap jsapi",
      "private_key wechatpay-pub-merchant.key application_certificate wechatpay-pub-merchant.crt "
      "provider_public_key wechatpay-pubkey.pub sealing_key wechatpay-pub.apiv3",
      "provider_public_key_id = PUB_KEY_ID_0119000000022025010100000000000000\n" },
    { "unionpay-rsa", "unionpay", "777290000000001", "777290000000001", "certificate", "page b2b",
      "private_key unionpay-merchant-rc2.pfx private_key_password unionpay.password "
      "application_certificate unionpay-merchant.crt middle_certificates unionpay-middle.crt "
      "root_certificates unionpay-root.crt",
      "" },
    { "unionpay-sha256", "unionpay", "777290000000002", "777290000000002", "shared-sha256",
      "wap qr", "private_key unionpay-shared.secret", "" },
    { "unionpay-sm3", "unionpay", "777290000000003", "777290000000003", "shared-sm3", "qr",
      "private_key unionpay-shared.secret", "" },
};

static void put(FILE *file, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
put(FILE *file, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    cr_assert_gt(vfprintf(file, format, list), 0);
    va_end(list);
}

static void
put_files(FILE *file, const char *files)
{
    struct span rest = span_of(files);
    bool more = true;
    while (more) {
        struct span name;
        struct span path;
        cr_assert(span_cut(&rest, ' ', &name));
        more = span_cut(&rest, ' ', &path);
        put(file, "%.*s = %s/%.*s\n", SPAN_ARG(name), house_world.pki, SPAN_ARG(path));
    }
}

static void
put_account(FILE *file, const struct row *row)
{
    put(file, "[account %s]\nprovider = %s\ngateway_url = %s\n", row->name, row->provider,
        house_world_address(row->provider));
    put(file, "ca_file = %s\nallow_private_address = yes\n", house.roots);
    put(file, "application = %s\nmerchant = %s\n", row->application, row->merchant);
    put(file, "key_scheme = %s\nmethods = %s\n%s", row->scheme, row->methods, row->more);
    put_files(file, row->files);
    if (strcmp(row->provider, "alipay") == 0) {
        put(file, "bill_hosts = %s\n", house_world_address("alipay_bills") + strlen(HTTP));
    }
    if (strcmp(row->provider, "unionpay") == 0) {
        const char *files = house_world_address("unionpay_files");
        put(file, "files_url = %.*s\n", (int)strlen(files) - 1, files);
    }
}

/* Only the service makes it; here it never ran. */
static void
make_journal(void)
{
    char path[HOUSE_PATH_MAX];
    house_world_join(house_world.folder, "refunds.journal", path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    cr_assert_geq(fd, 0);
    (void)close(fd);
}

void
house_config_write(char out[HOUSE_PATH_MAX])
{
    make_journal();
    house_world_join(house_world.folder, "tallygate.conf", out);
    FILE *file = fopen(out, "we");
    cr_assert_not_null(file);
    cr_assert_eq(chmod(out, 0600), 0);
    put(file, "[server]\nmode = development\nrun_dir = .\nclock_shift_s = %lld\n",
        (long long)house_world.shift_s);
    put(file, "[database]\nconninfo = host=127.0.0.1\n[portal]\nreturn_hosts = 127.0.0.1\n");
    put(file, "[archive]\ndir = .\nreports_dir = .\n");
    put(file, "[keys]\nrefund_max = %d.%02d\n", HOUSE_REFUND_MAX / 100, HOUSE_REFUND_MAX % 100);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        put_account(file, &rows[i]);
    }
    cr_assert_eq(fclose(file), 0);
}

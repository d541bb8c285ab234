/* SPDX-License-Identifier: Apache-2.0 */
/* What the pack of a month says of who signed its days. */
#include <stdlib.h>

#include "bill_store.h"
#include "folder.h"
#include "program.h"
#include "report_pack.h"
#include "signoff_house.h"

#define PATH_BYTES 96

static char dir[] = "/tmp/report_signed_XXXXXX";
static char archive[PATH_BYTES];
static char zip[PATH_BYTES];

/* The day of the house, with a bill that the archive has and a sheet that can be printed. */
static void
open_house(void)
{
    char name[BILL_STORE_NAME_BYTES];
    char sql[256];
    bool known;
    open_database();
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(archive, sizeof(archive), "%s/archive", dir);
    (void)snprintf(zip, sizeof(zip), "%s/month.zip", dir);
    CHECK_OK(bill_store_put(archive, SPAN_LIT("the bill as it came"), name, &known));
    (void)snprintf(sql, sizeof(sql),
                   "UPDATE tallygate.bill_file SET sha256 = '%s';"
                   "UPDATE tallygate.recon_result SET primary_code = 'LONG_UNKNOWN' WHERE seq = 2",
                   name);
    database_sql(&database, sql);
}

static void
close_house(void)
{
    cr_expect_eq(folder_drop(dir), 0);
    close_database();
}

TestSuite(report_signed, .init = open_house, .fini = close_house);

/* As whoever receives it reads it: what is signed of the day, and the files that say so. */
static void
expect(const char *wanted)
{
    static const char look[] =
        "import hashlib, json, sys, zipfile\n"
        "pack = zipfile.ZipFile(sys.argv[1])\n"
        "[day] = json.loads(pack.read('manifest.json'))['days']\n"
        "there = sorted(set(pack.namelist()) & {'2026-11-23/signoff.txt', '2026-11-23/certificate.json'})\n"
        "said = day['signed']\n"
        "if said:\n"
        "    text, digest = pack.read('2026-11-23/signoff.txt'), said.pop('signoff_sha256')\n"
        "    assert hashlib.sha256(text).hexdigest() == digest\n"
        "    assert ('\\ninput ' + day['input_sha256'] + '\\n').encode() in text and b'INV_TITLE' in text, text\n"
        "if '2026-11-23/certificate.json' in there:\n"
        "    file = '{\"certificate\":{\"signed_by\":\"checker\",\"signed_at\":\"2026-11-24T02:30:00.123Z\",\"signoff_sha256\":\"' + digest\n"
        "    file += '\"},\"key\":\"ab12\",\"algorithm\":\"ed25519\",\"signature\":\"' + 'cd' * 64 + '\"}\\n'\n"
        "    assert pack.read('2026-11-23/certificate.json').decode() == file, file\n"
        "assert [said, there] == json.loads(sys.argv[2]), [said, there]\n";
    struct report_packed packed = { .bills = 0 };
    const struct report_pack wish = {
        .account = SPAN_LIT("main"), .month = { 2026, 11, 1 }, .archive_dir = archive, .path = zip
    };
    CHECK_OK(report_pack(database.session, &wish, &packed));
    cr_expect_eq(packed.bills, 1);
    cr_expect_eq(
        program_run((const char *const[]){ "python3", "-B", "-c", look, zip, wanted, NULL }), 0);
}

/* A certificate of the run that says who signed, when, and the text of the newest sign-off. */
static void
certify(const char *signed_at, const char *signature)
{
    char sql[1024];
    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO tallygate.certificate (run_id, content_hash, key_id, signature, content, made_at)"
        " SELECT 1, sha256(convert_to(c.text, 'UTF8')), 'ab12', decode(repeat('%s', 64), 'hex'), c.text, now()"
        "  FROM (SELECT '{\"signed_by\":\"checker\",\"signed_at\":\"%s\",\"signoff_sha256\":\"'"
        "               || encode(content_hash, 'hex') || '\"}' AS text"
        "          FROM tallygate.period_signoff ORDER BY number DESC LIMIT 1) c",
        signature, signed_at);
    database_sql(&database, sql);
}

#define PEOPLE                                                                      \
    "{\"prepared_by\": \"finance\", \"prepared_at\": \"2026-11-24T02:30:00.000Z\"," \
    " \"signed_by\": \"checker\", \"signed_at\": \"2026-11-24T02:30:00.123Z\", \"certificate\": "

Test(report_signed, a_day_that_nobody_signed_says_so)
{
    expect("[null, []]");
    struct span hash = content_hash();
    CHECK_TEXT(decide(STATEMENT_period_prepare, hash, MAKER), "prepared");
    expect("[null, []]");
}

Test(report_signed, a_signed_day_has_its_text_and_the_certificate_of_that_signature)
{
    sign_all();
    database_sql(&database, "UPDATE tallygate.period_decision"
                            " SET decided_at = decided_at + interval '123456 microseconds'");
    expect("[" PEOPLE "false}, [\"2026-11-23/signoff.txt\"]]");
    certify("2026-11-23T02:30:00.123Z", "00"); /* of a signature that was taken back */
    expect("[" PEOPLE "false}, [\"2026-11-23/signoff.txt\"]]");
    certify("2026-11-24T02:30:00.123Z", "cd");
    expect("[" PEOPLE "true}, [\"2026-11-23/certificate.json\", \"2026-11-23/signoff.txt\"]]");
}

Test(report_signed, a_day_that_was_opened_again_is_not_signed)
{
    sign_all();
    struct span hash = signed_hash();
    CHECK_TEXT(ask_to_open(hash, "the bill came again", MAKER), "asked");
    CHECK_TEXT(decide(STATEMENT_period_open, hash, CHECKER), "opened");
    expect("[null, []]");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pack_differences.h"
#include "report_parts.h"

#define FINDINGS_MAX ((size_t)2048) /* bytes of their names */
#define CSV_COLUMNS  12

static enum err
put_findings(const struct recon_result *result, struct buf *out)
{
    DEFER(buf_fini) struct buf names = BUF_MAX(FINDINGS_MAX);
    for (size_t i = 0; i < result->finding_count; i++) {
        TRY(buf_printf(&names, "%s%s", i > 0 ? " " : "", finding_name(result->findings[i])));
    }
    return report_csv_text(out, "", buf_span(&names));
}

static enum err
put_difference(const struct pack_difference *of, enum language language, struct buf *out)
{
    const struct recon_result *result = &of->result;
    TRY(buf_printf(out, "%zu,%d,", result->seq, finding_severity(result->primary)));
    TRY(report_csv_text(out, "", span_of(finding_name(result->primary))));
    TRY(buf_byte(out, ','));
    TRY(report_csv_text(out, "", span_of(finding_text(result->primary, language))));
    TRY(buf_byte(out, ','));
    TRY(put_findings(result, out));
    const int64_t amounts[] = { result->b_fen, result->p_fen, result->delta_fen };
    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        TRY(buf_byte(out, ','));
        TRY(report_text_fen(out, amounts[i]));
    }
    TRY(buf_byte(out, ','));
    TRY(of->line == 0 ? ERR_OK : buf_i64(out, (int64_t)of->line));
    const struct span ids[] = { of->number, of->trade_no, of->order_no };
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        TRY(buf_byte(out, ','));
        TRY(span_empty(ids[i]) ? ERR_OK : report_csv_text(out, "\t", ids[i]));
    }
    return buf_text(out, REPORT_CSV_END);
}

enum err
pack_differences_csv(const struct pack_differences *differences, enum language language,
                     struct buf *out)
{
    static const char *const titles[LANGUAGE_COUNT] = {
        "\"序号 seq\",\"级别 severity\",\"代码 code\",\"名称 name\",\"附注代码 findings\",\"账单金额 bill_yuan\","
        "\"账簿金额 books_yuan\",\"差额 delta_yuan\",\"账单行号 line_no\",\"编号 number\",\"渠道流水号 provider_trade_no\","
        "\"订单号 order_no\"",
        "\"seq\",\"severity\",\"code\",\"name\",\"findings\",\"bill_yuan\",\"books_yuan\",\"delta_yuan\",\"line_no\","
        "\"number\",\"provider_trade_no\",\"order_no\"",
    };
    TRY(buf_printf(out, "%s%s%s", REPORT_CSV_BOM, titles[language], REPORT_CSV_END));
    for (size_t i = 0; i < differences->count; i++) {
        TRY(put_difference(&differences->list[i], language, out));
    }
    return report_csv_definition(out, CSV_COLUMNS, false, true, language);
}

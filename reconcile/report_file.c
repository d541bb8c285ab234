/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bill_store.h"
#include "file.h"
#include "report_parts.h"

/* What makes a file, given the report, the language and where to put it. */
typedef enum err (*make_text)(const struct report *report, enum language language, struct buf *out);

static enum err
make_results(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_RESULTS, language, out);
}

static enum err
make_differences(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_DIFFERENCES, language, out);
}

static enum err
make_duplicates(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_DUPLICATES, language, out);
}

static enum err
make_invoices(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_INVOICES, language, out);
}

static enum err
make_fees(const struct report *report, enum language language, struct buf *out)
{
    return report_csv(report, REPORT_FEES, language, out);
}

static const struct {
    const char *name;
    enum language language;
    make_text make; /* NULL: the workbook, which the library writes by itself */
    bool settlement;
} files[] = {
#define REPORT_FILE(stem, ending, make, settlement)         \
    { stem "." ending, LANGUAGE_ZH, (make), (settlement) }, \
        { stem ".en." ending, LANGUAGE_EN, (make), (settlement) },
#include "report_files.def"
#undef REPORT_FILE
};

_Static_assert(sizeof(files) / sizeof(files[0]) <= REPORT_FILES_MAX,
               "each may be one that is left out");

size_t
report_file_count(void)
{
    return sizeof(files) / sizeof(files[0]);
}

static const struct report_kept *
kept_as(const struct report *report, size_t file)
{
    for (size_t i = 0; i < report->kept_count; i++) {
        if (span_eq_cstr(report->kept[i].name, files[file].name)) {
            return &report->kept[i];
        }
    }
    return NULL;
}

bool
report_file_has(const struct report *report, size_t file)
{
    const struct report_kept *kept = kept_as(report, file);
    return (files[file].settlement || !report->of_settlement)
           && (report->kept_count == 0 || (kept != NULL && !span_empty(kept->sha256)));
}

bool
report_file_left_out(const struct report *report, size_t file)
{
    const struct report_kept *kept = kept_as(report, file);
    return (kept != NULL && span_empty(kept->sha256))
           || (report->left_out != NULL && report->left_out->files[file]);
}

const char *
report_file_name(size_t file)
{
    return files[file].name;
}

enum err
report_file_read(const char *path, struct buf *out)
{
    struct stat facts;
    if (stat(path, &facts) != 0 || facts.st_size < 0) {
        return ERR_FILE_READ;
    }
    if ((uint64_t)facts.st_size > REPORT_MAX_BYTES) {
        return ERR_BUF_FULL;
    }
    return file_read(path, (size_t)facts.st_size, out);
}

/* The library writes a file and nothing else. */
static enum err
make_workbook(const struct report *report, enum language language, const char *folder,
              struct buf *out)
{
    char path[REPORT_PATH_MAX];
    int len = snprintf(path, sizeof(path), "%s/.workbook", folder);
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return ERR_FILE_WRITE;
    }
    enum err err = report_xlsx(report, language, path);
    if (err == ERR_OK) {
        err = report_file_read(path, out);
    }
    return unlink(path) == 0 || err != ERR_OK ? err : ERR_FILE_WRITE;
}

/* Neither another time nor another folder makes room for it: a limit was reached, or an amount that a workbook cannot hold. */
static bool
is_too_large(enum err err)
{
    return err_class(err) == ERR_CLASS_LIMIT || err == ERR_AMOUNT_OVERFLOW;
}

enum err
report_file_make(const struct report *report, size_t file, const char *folder, struct buf *out)
{
    const struct report_kept *kept = kept_as(report, file);
    if (kept != NULL) {
        return span_empty(kept->sha256) ? ERR_REPORT_SIZE
                                        : bill_store_load(report->archive_dir, kept->sha256, out);
    }
    enum err err = files[file].make != NULL
                       ? files[file].make(report, files[file].language, out)
                       : make_workbook(report, files[file].language, folder, out);
    return is_too_large(err) ? ERR_REPORT_SIZE : err;
}

enum err
report_sheet_printed(const struct report *report, enum language language, struct buf *out)
{
    for (size_t i = 0; i < report_file_count(); i++) {
        if (files[i].make == report_sheet && files[i].language == language) {
            return report_file_make(report, i, "", out);
        }
    }
    return ERR_INTERNAL;
}

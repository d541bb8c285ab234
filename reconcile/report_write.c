/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "progress.h"
#include "report.h"
#include "report_parts.h"

#define FOLDER_MODE 0750
#define FILE_MODE   0640

struct path {
    char text[REPORT_PATH_MAX];
};

static enum err
path_join(const char *folder, const char *name, struct path *out)
{
    DEFER(buf_fini) struct buf joined = BUF_MAX(sizeof(out->text) - 1);
    if (buf_text(&joined, folder) != ERR_OK || buf_byte(&joined, '/') != ERR_OK
        || buf_text(&joined, name) != ERR_OK) {
        return ERR_FILE_WRITE;
    }
    memcpy(out->text, joined.at, joined.len);
    out->text[joined.len] = 0;
    return ERR_OK;
}

static enum err
folder_make(const char *path)
{
    return mkdir(path, FOLDER_MODE) == 0 || errno == EEXIST ? ERR_OK : ERR_FILE_WRITE;
}

static enum err
folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_FILE_OPEN;
    }
    int failed = fsync(fd);
    (void)close(fd);
    return failed == 0 ? ERR_OK : ERR_FILE_WRITE;
}

/* An account's name is a section of the configuration; as a folder it must be one, and no way out. */
static bool
is_folder_name(struct span s)
{
    if (s.len == 0 || s.len > 64 || s.at[0] == '.') {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = s.at[i];
        if (!span_is_alnum(span_make(&c, 1)) && c != '-' && c != '_' && c != '.') {
            return false;
        }
    }
    return true;
}

static enum err
write_all(int fd, struct span s)
{
    while (s.len > 0) {
        ssize_t n = write(fd, s.at, s.len);
        if (n < 0 && errno != EINTR) {
            return ERR_FILE_WRITE;
        }
        s = span_sub(s, n > 0 ? (size_t)n : 0, s.len);
    }
    return ERR_OK;
}

static enum err
save(const char *folder, const char *name, struct span content)
{
    struct path path;
    TRY(path_join(folder, name, &path));
    int fd = open(path.text, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return ERR_FILE_WRITE;
    }
    enum err err = write_all(fd, content);
    if (err == ERR_OK && fsync(fd) != 0) {
        err = ERR_FILE_WRITE;
    }
    return close(fd) == 0 ? err : ERR_FILE_WRITE;
}

static enum err
save_file(const struct report *report, size_t file, const char *folder)
{
    size_t max = report->limits.file_bytes == 0 ? REPORT_MAX_BYTES : report->limits.file_bytes;
    DEFER(buf_fini) struct buf bytes = BUF_MAX(max);
    enum err err = report_file_make(report, file, folder, &bytes);
    if (err == ERR_REPORT_SIZE && report->left_out != NULL) {
        report->left_out->files[file] = true;
        report->left_out->count++;
        return ERR_OK;
    }
    TRY(err);
    return save(folder, report_file_name(file), buf_span(&bytes));
}

static enum err
save_all(const struct report *report, const char *folder)
{
    progress_begin(report->progress, PROGRESS_PRINT, (int64_t)report_file_count());
    if (report->left_out != NULL) {
        *report->left_out = (struct report_left_out){ .count = 0 };
    }
    for (size_t i = 0; i < report_file_count(); i++) {
        TRY(report_file_has(report, i) ? save_file(report, i, folder) : ERR_OK);
        progress_add(report->progress, 1);
    }
    return folder_sync(folder);
}

/* Takes our files and their folder away; others' files keep the folder alive. */
static void
discard(const char *folder)
{
    struct path path;
    for (size_t i = 0; i < report_file_count(); i++) {
        if (path_join(folder, report_file_name(i), &path) == ERR_OK) {
            (void)unlink(path.text);
        }
    }
    (void)rmdir(folder);
}

static void
file_close(FILE **file)
{
    if (*file != NULL) {
        (void)fclose(*file);
    }
}

static enum err
same_file(const char *a_folder, const char *b_folder, const char *name, bool *out)
{
    struct path a_path;
    struct path b_path;
    TRY(path_join(a_folder, name, &a_path));
    TRY(path_join(b_folder, name, &b_path));
    DEFER(file_close) FILE *a = fopen(a_path.text, "rbe");
    DEFER(file_close) FILE *b = fopen(b_path.text, "rbe");
    if (a == NULL || b == NULL) {
        *out = false;
        return ERR_OK;
    }
    char a_bytes[4096];
    char b_bytes[4096];
    size_t len;
    do {
        len = fread(a_bytes, 1, sizeof(a_bytes), a);
        if (fread(b_bytes, 1, sizeof(b_bytes), b) != len || memcmp(a_bytes, b_bytes, len) != 0) {
            *out = false;
            return ERR_OK;
        }
    } while (len == sizeof(a_bytes));
    *out = ferror(a) == 0 && ferror(b) == 0;
    return ERR_OK;
}

static enum err
must_be_same(const struct report *report, const char *draft, const char *folder)
{
    for (size_t i = 0; i < report_file_count(); i++) {
        bool same = !report_file_has(report, i) || report_file_left_out(report, i);
        TRY(same ? ERR_OK : same_file(draft, folder, report_file_name(i), &same));
        if (!same) {
            return ERR_REPORT_DIFFERS;
        }
    }
    return ERR_OK;
}

/* A rename onto a folder that holds files fails: that one was printed before. */
static enum err
publish(const struct report *report, const char *draft, const char *folder, const char *parent)
{
    if (rename(draft, folder) == 0) {
        return folder_sync(parent);
    }
    enum err err = errno == EEXIST || errno == ENOTEMPTY ? must_be_same(report, draft, folder)
                                                         : ERR_FILE_WRITE;
    discard(draft);
    return err;
}

static enum err
make_parent(const struct report *report, const char *dir, struct path *out)
{
    DEFER(buf_fini) struct buf name = BUF_MAX(REPORT_PATH_MAX);
    const char *text;
    TRY(folder_make(dir));
    TRY(buf_append(&name, report->account));
    TRY(buf_cstr(&name, &text));
    struct path account;
    TRY(path_join(dir, text, &account));
    TRY(folder_make(account.text));
    buf_reset(&name);
    TRY(day_format(report->day, &name));
    TRY(buf_cstr(&name, &text));
    TRY(path_join(account.text, text, out));
    return folder_make(out->text);
}

void
report_folder(bool of_settlement, int64_t version, char out[REPORT_FOLDER_BYTES])
{
    (void)snprintf(out, REPORT_FOLDER_BYTES, "%sv%lld", of_settlement ? "settlement-" : "",
                   (long long)version);
}

enum err
report_write(const struct report *report, const char *dir, struct buf *where)
{
    struct path parent;
    struct path folder;
    struct path draft;
    char name[REPORT_FOLDER_BYTES];
    if (!is_folder_name(report->account)) {
        return ERR_FIELD_CHARACTERS;
    }
    TRY(make_parent(report, dir, &parent));
    report_folder(report->of_settlement, report->version, name);
    TRY(path_join(parent.text, name, &folder));
    TRY(path_join(parent.text, ".draft-XXXXXX", &draft));
    if (mkdtemp(draft.text) == NULL || chmod(draft.text, FOLDER_MODE) != 0) {
        return ERR_FILE_WRITE;
    }
    enum err err = save_all(report, draft.text);
    if (err != ERR_OK) {
        discard(draft.text);
        return err;
    }
    TRY(publish(report, draft.text, folder.text, parent.text));
    return buf_text(where, folder.text);
}

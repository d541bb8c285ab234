/* SPDX-License-Identifier: Apache-2.0 */
#include "bill_store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto.h"

#define FOLDER_MODE 0750
#define FILE_MODE   0440 /* never written again */

/* dir/aa/bb and, below it, the file's final and temporary paths. */
struct place {
    char outer[PATH_MAX];
    char folder[PATH_MAX];
    char file[PATH_MAX];
    char fresh[PATH_MAX];
};

static void
close_file(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

static enum err
name_content(struct span bytes, char name[BILL_STORE_NAME_BYTES])
{
    unsigned char digest[SHA256_BYTES];
    const char *text = NULL;
    DEFER(buf_fini) struct buf hex = BUF_MAX(BILL_STORE_NAME_BYTES);
    TRY(crypto_sha256(bytes, digest));
    TRY(crypto_hex_encode(span_make(digest, sizeof(digest)), &hex));
    TRY(buf_cstr(&hex, &text));
    memcpy(name, text, BILL_STORE_NAME_BYTES);
    return ERR_OK;
}

static bool
fits(int printed)
{
    return printed > 0 && printed < PATH_MAX;
}

static enum err
find_place(const char *dir, const char *name, struct place *out)
{
    bool ok = fits(snprintf(out->outer, PATH_MAX, "%s/%.2s", dir, name))
              && fits(snprintf(out->folder, PATH_MAX, "%s/%.2s/%.2s", dir, name, name + 2))
              && fits(snprintf(out->file, PATH_MAX, "%s/%.2s/%.2s/%s", dir, name, name + 2, name))
              && fits(snprintf(out->fresh, PATH_MAX, "%s/%.2s/%.2s/.%s.%ld", dir, name, name + 2,
                               name, (long)getpid()));
    return ok ? ERR_OK : ERR_FILE_OPEN;
}

static enum err
read_all(int fd, struct buf *out)
{
    struct stat facts;
    unsigned char *room = NULL;
    if (fstat(fd, &facts) != 0 || facts.st_size < 0) {
        return ERR_FILE_READ;
    }
    size_t size = (size_t)facts.st_size;
    TRY(buf_reserve(out, size, &room));
    size_t done = 0;
    while (done < size) {
        ssize_t got = read(fd, room + done, size - done);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return ERR_FILE_READ;
        }
        done += got < 0 ? 0 : (size_t)got;
    }
    buf_grew(out, size);
    return ERR_OK;
}

static enum err
write_all(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.at, bytes.len);
        if (put < 0 && errno != EINTR) {
            return ERR_FILE_WRITE;
        }
        bytes = span_sub(bytes, put < 0 ? 0 : (size_t)put, bytes.len);
    }
    return fsync(fd) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

static enum err
sync_folder(const char *path)
{
    DEFER(close_file) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

/* What the superuser keeps belongs to whom the archive belongs to, who has to read it. */
static enum err
give_away(int fd, const char *dir)
{
    struct stat facts;
    if (stat(dir, &facts) != 0) {
        return ERR_FILE_WRITE;
    }
    bool mine = geteuid() != 0 || facts.st_uid == 0;
    return mine || fchown(fd, facts.st_uid, facts.st_gid) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

static enum err
give_folder(const char *path, const char *dir)
{
    DEFER(close_file) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? ERR_FILE_WRITE : give_away(fd, dir);
}

/* A new folder is only there for good once its parent is synced. */
static enum err
make_folder(const char *path, const char *parent, const char *dir)
{
    if (mkdir(path, FOLDER_MODE) == 0) {
        TRY(give_folder(path, dir));
        return sync_folder(parent);
    }
    return errno == EEXIST ? ERR_OK : ERR_FILE_WRITE;
}

static enum err
write_fresh(const struct place *place, struct span bytes, const char *dir)
{
    (void)unlink(place->fresh); /* left over by a program of our number that was killed */
    DEFER(close_file)
    int fd = open(place->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (fd < 0) {
        return ERR_FILE_WRITE;
    }
    TRY(give_away(fd, dir));
    TRY(write_all(fd, bytes));
    return rename(place->fresh, place->file) == 0 ? sync_folder(place->folder) : ERR_FILE_WRITE;
}

enum err
bill_store_put(const char *dir, struct span bytes, char name[BILL_STORE_NAME_BYTES], bool *known)
{
    char hash[BILL_STORE_NAME_BYTES];
    struct place place;
    TRY(name_content(bytes, hash));
    TRY(find_place(dir, hash, &place));
    bool there = access(place.file, F_OK) == 0;
    if (there) {
        DEFER(buf_fini) struct buf kept = BUF_MAX(bytes.len);
        enum err err = bill_store_load(dir, span_of(hash), &kept);
        if (err != ERR_OK) {
            return err == ERR_BUF_FULL ? ERR_ARCHIVE_DAMAGED : err;
        }
    } else {
        if (mkdir(dir, FOLDER_MODE) != 0 && errno != EEXIST) {
            return ERR_FILE_WRITE;
        }
        TRY(make_folder(place.outer, dir, dir));
        TRY(make_folder(place.folder, place.outer, dir));
        enum err err = write_fresh(&place, bytes, dir);
        if (err != ERR_OK) {
            (void)unlink(place.fresh);
            return err;
        }
    }
    memcpy(name, hash, sizeof(hash));
    *known = there;
    return ERR_OK;
}

static enum err
open_named(const char *dir, struct span name, char text[BILL_STORE_NAME_BYTES], int *fd)
{
    struct place place;
    DEFER(buf_fini) struct buf digest = BUF_MAX(SHA256_BYTES);
    if (name.len != BILL_STORE_NAME_BYTES - 1) {
        return ERR_HEX;
    }
    TRY(crypto_hex_decode(name, &digest));
    memcpy(text, name.at, name.len);
    text[name.len] = 0;
    TRY(find_place(dir, text, &place));
    *fd = open(place.file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    return *fd < 0 ? ERR_FILE_OPEN : ERR_OK;
}

enum err
bill_store_open(const char *dir, struct span name, int *fd, size_t *size)
{
    char text[BILL_STORE_NAME_BYTES];
    struct stat facts;
    int found = -1;
    TRY(open_named(dir, name, text, &found));
    if (fstat(found, &facts) != 0 || facts.st_size < 0) {
        (void)close(found);
        return ERR_FILE_READ;
    }
    *fd = found;
    *size = (size_t)facts.st_size;
    return ERR_OK;
}

enum err
bill_store_load(const char *dir, struct span name, struct buf *out)
{
    char text[BILL_STORE_NAME_BYTES];
    char found[BILL_STORE_NAME_BYTES];
    DEFER(close_file) int fd = -1;
    TRY(open_named(dir, name, text, &fd));
    size_t before = out->len;
    enum err err = read_all(fd, out);
    if (err == ERR_OK) {
        err = name_content(span_sub(buf_span(out), before, out->len), found);
    }
    if (err == ERR_OK && memcmp(found, text, sizeof(text)) != 0) {
        err = ERR_ARCHIVE_DAMAGED;
    }
    if (err != ERR_OK) {
        out->len = before;
    }
    return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "keys_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define RECORD         KEYS_JOURNAL_RECORD_BYTES
#define PATH_MAX_BYTES 512

/* "TGRJ", the day as eight decimal digits in a number, fen, account, number, zeroes, digest. Numbers begin with their highest byte. */
#define MAGIC      0x5447524aU
#define MAGIC_AT   0
#define DAY_AT     4
#define FEN_AT     8
#define ACCOUNT_AT 16
#define NUMBER_AT  (ACCOUNT_AT + SHA256_BYTES)
#define EMPTY_AT   (NUMBER_AT + SHA256_BYTES)
#define DIGEST_AT  (RECORD - SHA256_BYTES)

struct keys_journal {
    int fd;
    enum err err; /* why it is not to be counted on any more */
    off_t end;    /* of what was read and fits */
    unsigned char
        chain[SHA256_BYTES]; /* digest of the last record of that; zeroes at the beginning */
};

static void
put_number(unsigned char *at, size_t bytes, uint64_t value)
{
    for (size_t i = bytes; i > 0; i--) {
        at[i - 1] = (unsigned char)(value & 0xff);
        value >>= 8;
    }
}

static uint64_t
get_number(const unsigned char *at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

/* Over the digest before it and all of the record in front of its own. */
static enum err
digest_of(const unsigned char chain[SHA256_BYTES], const unsigned char record[RECORD],
          unsigned char out[SHA256_BYTES])
{
    unsigned char text[SHA256_BYTES + DIGEST_AT];
    memcpy(text, chain, SHA256_BYTES);
    memcpy(text + SHA256_BYTES, record, DIGEST_AT);
    return crypto_sha256(span_make(text, sizeof(text)), out);
}

static enum err
encode(const struct keys_journal *journal, const struct keys_journal_entry *entry,
       unsigned char record[RECORD])
{
    const struct day *day = &entry->day;
    memset(record, 0, RECORD);
    put_number(record + MAGIC_AT, DAY_AT - MAGIC_AT, MAGIC);
    put_number(record + DAY_AT, FEN_AT - DAY_AT,
               (uint64_t)(day->year * 10000 + day->month * 100 + day->mday));
    put_number(record + FEN_AT, ACCOUNT_AT - FEN_AT, (uint64_t)entry->fen);
    memcpy(record + ACCOUNT_AT, entry->account, SHA256_BYTES);
    memcpy(record + NUMBER_AT, entry->number, SHA256_BYTES);
    return digest_of(journal->chain, record, record + DIGEST_AT);
}

static bool
is_zero(const unsigned char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (at[i] != 0) {
            return false;
        }
    }
    return true;
}

/* False: it does not fit what is before it. */
static bool
decode(const struct keys_journal *journal, const unsigned char record[RECORD],
       struct keys_journal_entry *out)
{
    unsigned char digest[SHA256_BYTES];
    int day = (int)get_number(record + DAY_AT, FEN_AT - DAY_AT);
    out->day = (struct day){ .year = day / 10000, .month = day / 100 % 100, .mday = day % 100 };
    out->fen = (int64_t)get_number(record + FEN_AT, ACCOUNT_AT - FEN_AT);
    memcpy(out->account, record + ACCOUNT_AT, SHA256_BYTES);
    memcpy(out->number, record + NUMBER_AT, SHA256_BYTES);
    return get_number(record + MAGIC_AT, DAY_AT - MAGIC_AT) == MAGIC && day > 0 && out->fen > 0
           && is_zero(record + EMPTY_AT, DIGEST_AT - EMPTY_AT)
           && digest_of(journal->chain, record, digest) == ERR_OK
           && memcmp(digest, record + DIGEST_AT, SHA256_BYTES) == 0;
}

static enum err
read_record(int fd, off_t at, unsigned char record[RECORD])
{
    size_t got = 0;
    while (got < RECORD) {
        ssize_t n = pread(fd, record + got, RECORD - got, at + (off_t)got);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return ERR_KEYS_JOURNAL;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return ERR_OK;
}

static enum err
begin_anew(struct keys_journal *journal, keys_journal_take take, void *context)
{
    journal->end = 0;
    memset(journal->chain, 0, SHA256_BYTES);
    return take == NULL ? ERR_OK : take(context, NULL);
}

/* A record of which the end was never written: a crash came in between, and no signature was given out for it. */
static bool
is_torn(const unsigned char record[RECORD], off_t at, off_t size)
{
    return size - at == RECORD && is_zero(record + DIGEST_AT, SHA256_BYTES);
}

/* Reads on from the end of what fits. Errors: KEYS_JOURNAL_BROKEN at a record that does not, which is where the end stays. */
static enum err
read_on(struct keys_journal *journal, off_t size, keys_journal_take take, void *context)
{
    unsigned char record[RECORD];
    while (size - journal->end >= RECORD) {
        struct keys_journal_entry entry;
        TRY(read_record(journal->fd, journal->end, record));
        if (!decode(journal, record, &entry)) {
            return is_torn(record, journal->end, size) ? ERR_OK : ERR_KEYS_JOURNAL_BROKEN;
        }
        TRY(take == NULL ? ERR_OK : take(context, &entry));
        memcpy(journal->chain, record + DIGEST_AT, SHA256_BYTES);
        journal->end += RECORD;
    }
    return ERR_OK;
}

/* False when another process has emptied the file for a new day, whatever it has written since. */
static bool
is_as_read(const struct keys_journal *journal, off_t size)
{
    unsigned char last[RECORD];
    return journal->end == 0
           || (size >= journal->end
               && read_record(journal->fd, journal->end - RECORD, last) == ERR_OK
               && memcmp(last + DIGEST_AT, journal->chain, SHA256_BYTES) == 0);
}

static enum err
catch_up(struct keys_journal *journal, keys_journal_take take, void *context)
{
    struct stat found;
    if (fstat(journal->fd, &found) != 0) {
        return ERR_KEYS_JOURNAL;
    }
    if (!is_as_read(journal, found.st_size)) {
        TRY(begin_anew(journal, take, context));
    }
    return read_on(journal, found.st_size, take, context);
}

/* A plain file, under this name only, that nobody but us may touch. */
static enum err
judge_file(int fd)
{
    struct stat found;
    if (fstat(fd, &found) != 0) {
        return ERR_KEYS_JOURNAL;
    }
    bool ours = S_ISREG(found.st_mode) && found.st_nlink == 1 && found.st_uid == geteuid()
                && (found.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    return ours ? ERR_OK : ERR_KEYS_JOURNAL_FOREIGN;
}

/* So that a file that was just made is still there after a crash. */
static enum err
keep_name(const char *path)
{
    char folder[PATH_MAX_BYTES];
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (len >= sizeof(folder)) {
        return ERR_KEYS_JOURNAL;
    }
    memcpy(folder, path, len);
    memcpy(folder + len, ".", sizeof("."));
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err err = fd >= 0 && fsync(fd) == 0 ? ERR_OK : ERR_KEYS_JOURNAL;
    if (fd >= 0) {
        (void)close(fd);
    }
    return err;
}

static enum err
open_file(const char *path, int flags, int *fd)
{
    *fd = open(path, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (*fd < 0) {
        return errno == ELOOP || errno == EISDIR ? ERR_KEYS_JOURNAL_FOREIGN : ERR_KEYS_JOURNAL;
    }
    return judge_file(*fd);
}

enum err
keys_journal_open(const char *path, bool make, struct keys_journal **out)
{
    struct keys_journal *journal = calloc(1, sizeof(*journal));
    if (journal == NULL) {
        return ERR_NO_MEMORY;
    }
    journal->err = open_file(path, O_RDWR | (make ? O_CREAT : 0), &journal->fd);
    if (journal->err == ERR_OK) {
        journal->err = keep_name(path);
    }
    *out = journal;
    return ERR_OK;
}

void
keys_journal_close(struct keys_journal **journal)
{
    if (*journal != NULL && (*journal)->fd >= 0) {
        (void)close((*journal)->fd);
    }
    free(*journal);
    *journal = NULL;
}

enum err
keys_journal_lock(struct keys_journal *journal, keys_journal_take take, void *context)
{
    if (journal->err != ERR_OK) {
        return journal->err;
    }
    while (flock(journal->fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            return ERR_KEYS_JOURNAL;
        }
    }
    enum err err = catch_up(journal, take, context);
    if (err == ERR_KEYS_JOURNAL_BROKEN) {
        journal->err = err;
    }
    if (err != ERR_OK) {
        keys_journal_unlock(journal);
    }
    return err;
}

void
keys_journal_unlock(struct keys_journal *journal)
{
    (void)flock(journal->fd, LOCK_UN);
}

static enum err
write_record(const struct keys_journal *journal, const unsigned char record[RECORD])
{
    size_t done = 0;
    while (done < RECORD) {
        ssize_t n = pwrite(journal->fd, record + done, RECORD - done, journal->end + (off_t)done);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return ERR_KEYS_JOURNAL;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return ERR_OK;
}

enum err
keys_journal_add(struct keys_journal *journal, const struct keys_journal_entry *entry)
{
    unsigned char record[RECORD];
    TRY(encode(journal, entry, record));
    TRY(write_record(journal,
                     record)); /* what it left behind is torn, and written over by the next one */
    if (fdatasync(journal->fd) != 0) {
        journal->err =
            ERR_KEYS_JOURNAL; /* a second try would succeed without anything on the disk */
        return journal->err;
    }
    memcpy(journal->chain, record + DIGEST_AT, SHA256_BYTES);
    journal->end += RECORD;
    return ERR_OK;
}

enum err
keys_journal_empty(struct keys_journal *journal)
{
    if (ftruncate(journal->fd, 0) != 0) {
        return ERR_KEYS_JOURNAL;
    }
    return begin_anew(journal, NULL, NULL);
}

enum err
keys_journal_check(const char *path, int64_t *count)
{
    struct keys_journal journal = { .fd = -1 };
    enum err err = open_file(path, O_RDONLY, &journal.fd);
    if (journal.fd < 0 && errno == ENOENT) {
        *count = 0;
        return ERR_OK;
    }
    if (err == ERR_OK) {
        err = catch_up(&journal, NULL, NULL);
    }
    if (journal.fd >= 0) {
        (void)close(journal.fd);
    }
    if (err == ERR_OK) {
        *count = (int64_t)(journal.end / RECORD);
    }
    return err;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "listener.h"
#include "parent_internal.h"

#define FILE_NAME "tallygated.json"
#define FILE_MAX  ((size_t)64 * 1024)
#define PATH_TEXT 512
#define URL_MAX   ((size_t)160)

static enum err
put_url(const struct parent *parent, struct json_t *body, const char *name, enum http_door door)
{
    bool tls = config_text(parent->config, CONFIG_listen_tls_certificate, 0)[0] != 0;
    DEFER(buf_fini) struct buf url = BUF_MAX(URL_MAX);
    TRY(listener_url(parent->listen_fds[door], tls && door != HTTP_DOOR_OPS, &url));
    return json_put_string(body, name, buf_span(&url));
}

/* What the world is told, which need not be where we listen. */
static enum err
put_public_url(const struct parent *parent, struct json_t *body, const char *name,
               enum config_setting setting)
{
    const char *given = config_text(parent->config, setting, 0);
    return given[0] != 0 ? json_put_text(body, name, given)
                         : put_url(parent, body, name, HTTP_DOOR_CALLBACKS);
}

static enum err
put_child(struct json_t *children, enum child_role role, pid_t pid)
{
    struct json_t *child = NULL;
    TRY(json_new_object(&child));
    enum err err = json_put_text(child, "role", child_role_name(role));
    if (err == ERR_OK) {
        err = json_put_i64(child, "pid", pid);
    }
    if (err != ERR_OK) {
        json_free(&child);
        return err;
    }
    return json_put(children, NULL, child);
}

static enum err
put_children(const struct parent *parent, struct json_t *body)
{
    struct json_t *children = NULL;
    TRY(json_new_array(&children));
    enum err err = ERR_OK;
    for (size_t i = 0; i < parent->slot_count && err == ERR_OK; i++) {
        const struct slot *slot = &parent->slots[i];
        if (slot->current.pid > 0) {
            err = put_child(children, slot->role, slot->current.pid);
        }
    }
    if (err != ERR_OK) {
        json_free(&children);
        return err;
    }
    return json_put(body, "children", children);
}

static enum err
encode(const struct parent *parent, struct buf *out)
{
    DEFER(json_free) struct json_t *body = NULL;
    TRY(json_new_object(&body));
    TRY(json_put_i64(body, "pid", getpid()));
    TRY(put_url(parent, body, "api", HTTP_DOOR_API));
    TRY(put_public_url(parent, body, "callbacks", CONFIG_listen_public_callback_url));
    TRY(put_public_url(parent, body, "checkout", CONFIG_listen_public_checkout_url));
    TRY(put_url(parent, body, "ops", HTTP_DOOR_OPS));
    TRY(put_children(parent, body));
    return json_encode_pretty(body, out);
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
    return fsync(fd) == 0 ? ERR_OK : ERR_FILE_WRITE;
}

static enum err
path_of(const struct parent *parent, const char *ending, char out[PATH_TEXT])
{
    const char *folder = config_text(parent->config, CONFIG_server_run_dir, 0);
    int len = snprintf(out, PATH_TEXT, "%s/%s%s", folder, FILE_NAME, ending);
    return len > 0 && len < PATH_TEXT ? ERR_OK : ERR_FILE_WRITE;
}

/* Readers see the old file or the new one, never half of one. */
enum err
parent_file_write(const struct parent *parent)
{
    char path[PATH_TEXT];
    char draft[PATH_TEXT];
    TRY(path_of(parent, "", path));
    TRY(path_of(parent, ".new", draft));
    DEFER(buf_fini) struct buf text = BUF_MAX(FILE_MAX);
    TRY(encode(parent, &text));
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        return ERR_FILE_WRITE;
    }
    enum err err = write_all(fd, buf_span(&text));
    (void)close(fd);
    if (err == ERR_OK && rename(draft, path) != 0) {
        err = ERR_FILE_WRITE;
    }
    return err;
}

void
parent_file_remove(const struct parent *parent)
{
    char path[PATH_TEXT];
    if (path_of(parent, "", path) == ERR_OK) {
        (void)unlink(path);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define KEY_FILE_MAX_BYTES 65536
#define US_PER_S           1000000

struct wall_time
world_now(const struct world *world)
{
    return wall_add_ms(clock_wall(), world->shift_s * 1000);
}

/* RFC 9110 5.6.7. */
void
world_date(const struct world *world, struct evhttp_request *req)
{
    static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    char text[64];
    struct tm c;
    time_t now = (time_t)(world_now(world).us / US_PER_S);
    if (gmtime_r(&now, &c) == NULL) {
        return;
    }
    (void)snprintf(text, sizeof(text), "%s, %02d %s %04d %02d:%02d:%02d GMT", days[c.tm_wday],
                   c.tm_mday, months[c.tm_mon], c.tm_year + 1900, c.tm_hour, c.tm_min, c.tm_sec);
    (void)evhttp_add_header(evhttp_request_get_output_headers(req), "Date", text);
}

static enum err
read_whole(const char *path, char **out)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return ERR_FILE_OPEN;
    }
    char *text = calloc(1, KEY_FILE_MAX_BYTES);
    size_t len = text == NULL ? 0 : fread(text, 1, KEY_FILE_MAX_BYTES - 1, file);
    bool good = text != NULL && ferror(file) == 0 && feof(file) != 0 && len > 0;
    (void)fclose(file);
    if (!good) {
        free(text);
        return ERR_FILE_READ;
    }
    *out = text;
    return ERR_OK;
}

enum err
world_read_key_file(const struct world *world, const char *name, char **out)
{
    char path[512];
    int len = name[0] == '/' ? snprintf(path, sizeof(path), "%s", name)
                             : snprintf(path, sizeof(path), "%s/%s", world->pki, name);
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return ERR_FILE_OPEN;
    }
    return read_whole(path, out);
}

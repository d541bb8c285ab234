/* SPDX-License-Identifier: Apache-2.0 */
#include "portal.h"

#include <stdlib.h>

#include "control.h"

enum err
portal_new(struct world *world, struct portal **out)
{
    struct portal *portal = calloc(1, sizeof(*portal));
    if (portal == NULL) {
        return ERR_NO_MEMORY;
    }
    portal->world = world;
    portal->http = evhttp_new(world->base);
    portal->port = portal->http == NULL ? 0 : control_bind(portal->http);
    if (portal->port == 0) {
        portal_free(&portal);
        return ERR_SYSTEM;
    }
    evhttp_set_gencb(portal->http, portal_page_serve, portal);
    portal_call_add(portal);
    *out = portal;
    return ERR_OK;
}

void
portal_free(struct portal **portal)
{
    if (portal == NULL || *portal == NULL) {
        return;
    }
    for (size_t i = 0; i < (*portal)->client_count; i++) {
        portal_key_fini(&(*portal)->clients[i].key);
    }
    for (size_t i = 0; i < (*portal)->order_count; i++) {
        json_free(&(*portal)->orders[i].order);
        json_free(&(*portal)->orders[i].answer);
    }
    if ((*portal)->http != NULL) {
        evhttp_free((*portal)->http);
    }
    free(*portal);
    *portal = NULL;
}

uint16_t
portal_port(const struct portal *portal)
{
    return portal->port;
}

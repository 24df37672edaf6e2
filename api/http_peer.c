/* Connections counted per peer address; IPv4 is kept as IPv4-mapped IPv6. */
#include "http_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static void address_of(const struct sockaddr *address, struct in6_addr *ret)
{
    *ret = (struct in6_addr){0};
    if (address->sa_family == AF_INET6) {
        *ret = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    } else if (address->sa_family == AF_INET) {
        ret->s6_addr[10] = 0xff;
        ret->s6_addr[11] = 0xff;
        memcpy(&ret->s6_addr[12],
               &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
    }
}

static unsigned hash(const struct in6_addr *address)
{
    unsigned h = 2166136261u;

    for (size_t i = 0; i < sizeof address->s6_addr; i++)
        h = (h ^ address->s6_addr[i]) * 16777619u;
    return h % HTTP_PEER_BUCKETS;
}

static void write_text(struct http_peer *peer)
{
    if (IN6_IS_ADDR_V4MAPPED(&peer->address))
        inet_ntop(AF_INET, &peer->address.s6_addr[12], peer->text, sizeof peer->text);
    else
        inet_ntop(AF_INET6, &peer->address, peer->text, sizeof peer->text);
}

struct http_peer *http_peer_get(struct http_server *server,
                                const struct sockaddr *address)
{
    struct in6_addr wanted;
    struct http_peer *peer;
    unsigned bucket;

    address_of(address, &wanted);
    bucket = hash(&wanted);
    LIST_FOREACH(peer, &server->peers[bucket], link)
    {
        if (memcmp(&peer->address, &wanted, sizeof wanted) == 0) {
            peer->connections++;
            return peer;
        }
    }
    peer = calloc(1, sizeof *peer);
    if (!peer)
        abort();
    peer->address = wanted;
    peer->connections = 1;
    write_text(peer);
    LIST_INSERT_HEAD(&server->peers[bucket], peer, link);
    return peer;
}

void http_peer_put(struct http_peer *peer)
{
    if (--peer->connections > 0)
        return;
    LIST_REMOVE(peer, link);
    free(peer);
}

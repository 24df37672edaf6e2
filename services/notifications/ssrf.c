/* Tables of the special-purpose networks (IANA registries of RFC 6890) against the address to be connected. */
#include "ssrf.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { V4_BITS = 32, V6_BITS = 128, V6_BYTES = 16, V4_IN_V6 = 96 };

/* IPv4 networks stand in the mapped form ::ffff:0:0/96. */
struct network {
    uint8_t bytes[V6_BYTES];
    int bits;
};

struct ssrf_policy {
    struct network allowed[SSRF_RULES_MAX];
    int allowed_count;
    uint16_t ports[SSRF_RULES_MAX];
    int port_count;
};

static const struct {
    uint32_t address;
    int bits;
} not_public_v4[] = {
    {0x00000000, 8},  /* this host, RFC 791 */
    {0x0a000000, 8},  /* private, RFC 1918 */
    {0x64400000, 10}, /* shared, RFC 6598 */
    {0x7f000000, 8},  /* loopback */
    {0xa9fe0000, 16}, /* link-local; 169.254.169.254 is the cloud's metadata */
    {0xac100000, 12}, /* private */
    {0xc0000000, 24}, /* protocol assignments, RFC 6890 */
    {0xc0000200, 24}, /* documentation, RFC 5737 */
    {0xc01fc400, 24}, /* AS112, RFC 7535 */
    {0xc034c100, 24}, /* AMT, RFC 7450 */
    {0xc0586300, 24}, /* 6to4 relays, RFC 7526 */
    {0xc0a80000, 16}, /* private */
    {0xc0af3000, 24}, /* AS112, RFC 7534 */
    {0xc6120000, 15}, /* benchmarks, RFC 2544 */
    {0xc6336400, 24}, /* documentation */
    {0xcb007100, 24}, /* documentation */
    {0xe0000000, 4},  /* multicast */
    {0xf0000000, 4},  /* reserved, and broadcast */
};

/* Only 2000::/3 is public at all; these parts of it are not, or hide an IPv4 address (6to4, Teredo). */
static const struct network not_public_v6[] = {
    {{0x20, 0x01, 0x00}, 23},                   /* protocol assignments with Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},             /* documentation */
    {{0x20, 0x02}, 16},                         /* 6to4 */
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48}, /* AS112 */
    {{0x3f, 0xfe}, 16},                         /* 6bone, given back */
    {{0x3f, 0xff, 0x00}, 20},                   /* documentation, RFC 9637 */
};
static const struct network public_v6 = {{0x20}, 3};
static const struct network mapped = {{[10] = 0xff, [11] = 0xff}, V4_IN_V6};

static bool within(const uint8_t *address, const struct network *network)
{
    int bytes = network->bits / 8, rest = network->bits % 8;
    if (memcmp(address, network->bytes, (size_t)bytes) != 0)
        return false;
    return rest == 0 ||
           ((address[bytes] ^ network->bytes[bytes]) & (0xff00 >> rest & 0xff)) == 0;
}

static bool public_v4(const uint8_t *bytes)
{
    uint32_t address = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                       (uint32_t)bytes[2] << 8 | bytes[3];
    for (size_t i = 0; i < sizeof not_public_v4 / sizeof *not_public_v4; i++) {
        int shift = V4_BITS - not_public_v4[i].bits;
        if (address >> shift == not_public_v4[i].address >> shift)
            return false;
    }
    return true;
}

/* An interface identifier of ISATAP (RFC 5214) carries an IPv4 address too. */
static bool is_isatap(const uint8_t *bytes)
{
    return (bytes[8] & 0xfc) == 0 && bytes[9] == 0 && bytes[10] == 0x5e &&
           bytes[11] == 0xfe;
}

static bool is_public(const uint8_t *bytes)
{
    if (within(bytes, &mapped))
        return public_v4(bytes + V4_IN_V6 / 8);
    if (!within(bytes, &public_v6) || is_isatap(bytes))
        return false;
    for (size_t i = 0; i < sizeof not_public_v6 / sizeof *not_public_v6; i++) {
        if (within(bytes, &not_public_v6[i]))
            return false;
    }
    return true;
}

static bool judge(const struct ssrf_policy *policy, const uint8_t *bytes, uint16_t port)
{
    for (int i = 0; i < policy->allowed_count; i++) {
        if (within(bytes, &policy->allowed[i]))
            return true;
    }
    bool open = false;
    for (int i = 0; i < policy->port_count; i++)
        open |= policy->ports[i] == port;
    return open && is_public(bytes);
}

static void map_v4(const struct in_addr *address, uint8_t out[V6_BYTES])
{
    memcpy(out, mapped.bytes, V6_BYTES);
    memcpy(out + V4_IN_V6 / 8, address, sizeof *address);
}

bool ssrf_address_allowed(const struct ssrf_policy *policy,
                          const struct sockaddr *address, socklen_t len)
{
    uint8_t bytes[V6_BYTES];
    if (address->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof v4);
        map_v4(&v4.sin_addr, bytes);
        return judge(policy, bytes, ntohs(v4.sin_port));
    }
    if (address->sa_family != AF_INET6 || len < sizeof(struct sockaddr_in6))
        return false;
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof v6);
    return judge(policy, v6.sin6_addr.s6_addr, ntohs(v6.sin6_port));
}

/* Dotted IPv4 or IPv6, in sixteen bytes. */
static bool parse_address(const char *text, uint8_t out[V6_BYTES], bool *ret_v4)
{
    struct in_addr v4;
    *ret_v4 = inet_pton(AF_INET, text, &v4) == 1;
    if (*ret_v4)
        map_v4(&v4, out);
    return *ret_v4 || inet_pton(AF_INET6, text, out) == 1;
}

bool ssrf_text_allowed(const struct ssrf_policy *policy, const char *address,
                       uint16_t port)
{
    uint8_t bytes[V6_BYTES];
    bool v4;
    return parse_address(address, bytes, &v4) && judge(policy, bytes, port);
}

/* ---- the operator's lists ---- */

static bool parse_network(const char *item, size_t len, struct network *ret)
{
    char text[INET6_ADDRSTRLEN + 1] = "";
    size_t host = 0;
    while (host < len && item[host] != '/')
        host++;
    if (host >= sizeof text)
        return false;
    memcpy(text, item, host);
    bool v4;
    if (!parse_address(text, ret->bytes, &v4))
        return false;
    int most = v4 ? V4_BITS : V6_BITS;
    ret->bits = most;
    if (host < len) {
        char *end;
        long bits = strtol(item + host + 1, &end, 10);
        if (end != item + len || end == item + host + 1 || bits < 0 || bits > most)
            return false;
        ret->bits = (int)bits;
    }
    ret->bits += v4 ? V4_IN_V6 : 0;
    return true;
}

static bool add_network(struct ssrf_policy *policy, const char *item, size_t len)
{
    return policy->allowed_count < SSRF_RULES_MAX &&
           parse_network(item, len, &policy->allowed[policy->allowed_count++]);
}

static bool add_port(struct ssrf_policy *policy, const char *item, size_t len)
{
    char *end;
    long port = strtol(item, &end, 10);
    if (end != item + len || port < 1 || port > UINT16_MAX ||
        policy->port_count == SSRF_RULES_MAX)
        return false;
    policy->ports[policy->port_count++] = (uint16_t)port;
    return true;
}

static bool each(struct ssrf_policy *policy, const char *list,
                 bool (*add)(struct ssrf_policy *, const char *, size_t))
{
    for (const char *item = list + strspn(list, ", "); *item;
         item += strspn(item, ", ")) {
        size_t len = strcspn(item, ", ");
        if (!add(policy, item, len))
            return false;
        item += len;
    }
    return true;
}

const struct ssrf_policy *ssrf_policy_new(const char *allow, const char *ports)
{
    struct ssrf_policy made = {0}, *policy;
    if (!each(&made, allow ? allow : "", add_network) ||
        !each(&made, ports ? ports : "80,443", add_port))
        return NULL;
    policy = malloc(sizeof *policy);
    if (policy)
        *policy = made;
    return policy;
}

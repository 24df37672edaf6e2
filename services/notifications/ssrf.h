/* Which network addresses a stranger's URL may lead us to. The test is made on the address that is about to be connected, so that no name, however
 * often it changes its mind, leads inside. Pure; any thread. */
#ifndef MEGURI_NOTIFICATIONS_SSRF_H
#define MEGURI_NOTIFICATIONS_SSRF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* What the operator allows beyond the public network. */
struct ssrf_policy;

enum { SSRF_RULES_MAX = 64 };

/* allow: comma list of networks ("10.1.0.0/16, fd00:1::/64, 127.0.0.1/32"), reachable on every port; ports: comma list of the ports of public addresses.
 * Either may be NULL (no network; 80 and 443). NULL when malformed. Lives as long as the process. */
const struct ssrf_policy *ssrf_policy_new(const char *allow, const char *ports);

/* May this address and port be connected? Refused: everything that is not the public network of IPv4 and IPv6 (loopback, private, link-local with the cloud's
 * metadata, shared, benchmark, documentation, multicast, reserved; unique-local, site-local ...), in whatever form IPv6 carries an IPv4 address
 * (mapped, compatible, translated 64:ff9b::/96 and 64:ff9b:1::/48, 6to4, Teredo, ISATAP); any other family. */
bool ssrf_address_allowed(const struct ssrf_policy *policy,
                          const struct sockaddr *address, socklen_t len);
/* The same for an address as text and a port in host order; false when it is no address. */
bool ssrf_text_allowed(const struct ssrf_policy *policy, const char *address,
                       uint16_t port);

#endif

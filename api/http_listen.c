/* Listening sockets. All loops of one process share a port (SO_REUSEPORT); a first, exclusive try finds out whether
 * another program already listens there. */
#include "http_internal.h"

#include <netdb.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char malformed[] = "the address must look like 127.0.0.1:8080 or [::1]:8080";

/* "host:port" or "[host]:port"; frees the copy through the caller. */
static bool split_address(char *text, char **ret_host, char **ret_port)
{
    char *colon = strrchr(text, ':');
    char *host = text;

    if (!colon || colon == text || strspn(colon + 1, "0123456789") == 0 ||
        colon[1 + strspn(colon + 1, "0123456789")] != '\0' ||
        strtol(colon + 1, NULL, 10) > 65535)
        return false;
    *colon = '\0';
    if (host[0] == '[') {
        if (colon[-1] != ']')
            return false;
        colon[-1] = '\0';
        host++;
    } else if (strchr(host, ':')) {
        return false;
    }
    *ret_host = host;
    *ret_port = colon + 1;
    return true;
}

static struct addrinfo *resolve(const char *listen_on)
{
    const struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    char *copy = strdup(listen_on);
    char *host = NULL;
    char *port = NULL;

    if (!copy)
        abort();
    if (split_address(copy, &host, &port) && getaddrinfo(host, port, &hints, &found) != 0)
        found = NULL;
    free(copy);
    return found;
}

static int bind_socket(const struct addrinfo *address, bool share)
{
    const int one = 1;
    const int fd =
        socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one,
               sizeof one); /* accepted sockets inherit it */
    if (share)
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    if (bind(fd, address->ai_addr, address->ai_addrlen) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_free(const struct addrinfo *address)
{
    const int fd = bind_socket(address, false);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {.sin6_port = 0}};
    socklen_t len = sizeof address;

    if (getsockname(fd, &address.any, &len) < 0)
        return 0;
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                                   : address.v4.sin_port);
}

int http_listen(const char *listen_on, bool probe, int *ret_port, const char **ret_error)
{
    struct addrinfo *address = resolve(listen_on);
    int fd = -1;

    if (!address) {
        *ret_error = malformed;
        return -1;
    }
    if (!probe || is_free(address))
        fd = bind_socket(address, true);
    freeaddrinfo(address);
    if (fd < 0 || listen(fd, SOMAXCONN) < 0) {
        *ret_error = "the address is taken or not of this machine";
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *ret_port = port_of(fd);
    return fd;
}

/* A resolver that changes its mind (LD_PRELOAD): names under ".rebind.test" lead where the file MEGURI_TEST_RESOLVER says at that moment, one address
 * per line, all of them in one answer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_MAX = 64 };

typedef int resolve(const char *, const char *, const struct addrinfo *,
                    struct addrinfo **);

static int ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);
    return len >= tail && strcmp(text + len - tail, end) == 0;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret)
{
    resolve *real = (resolve *)dlsym(RTLD_NEXT, "getaddrinfo");
    const char *path = getenv("MEGURI_TEST_RESOLVER"); /* NOLINT(concurrency-mt-unsafe) */
    if (!node || !path || !ends_with(node, ".rebind.test"))
        return real(node, service, hints, ret);
    struct addrinfo numeric = {.ai_socktype = hints ? hints->ai_socktype : 0,
                               .ai_flags = AI_NUMERICHOST};
    struct addrinfo **end = ret;
    char address[ADDRESS_MAX];
    FILE *file = fopen(path, "re");
    *ret = NULL;
    while (file && fgets(address, sizeof address, file)) {
        address[strcspn(address, "\n")] = '\0';
        if (address[0] && real(address, service, &numeric, end) == 0)
            while (*end)
                end = &(*end)->ai_next;
    }
    if (file)
        (void)fclose(file);
    return *ret ? 0 : EAI_NONAME;
}

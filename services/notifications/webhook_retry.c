/* The schedule that Standard Webhooks 1.0 recommends. */
#include "webhook_retry.h"

enum { SHORTEST_REST = 2, LONGEST_REST = 60, JITTER_PART = 10 };

static const long delays[] = {5,         5 * 60,    30 * 60,   2 * 3600, 5 * 3600,
                              10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600};
enum { DELAYS = sizeof delays / sizeof *delays };

long webhook_retry_delay_s(int attempts, long retry_after_s, unsigned random)
{
    if (attempts < 1 || attempts > DELAYS)
        return -1;
    long delay = delays[attempts - 1];
    delay += (long)(random % (unsigned)(delay / JITTER_PART + 1));
    return delay > retry_after_s ? delay : retry_after_s;
}

long webhook_rest_s(int failures, long retry_after_s)
{
    long rest = SHORTEST_REST;
    for (int i = 1; i < failures && rest < LONGEST_REST; i++)
        rest *= 2;
    rest = rest < LONGEST_REST ? rest : LONGEST_REST;
    return rest > retry_after_s ? rest : retry_after_s;
}

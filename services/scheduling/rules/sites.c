/* Multi-site sampling in integers. */
#include "services/scheduling/rules/sites.h"

static const int tenths[] = {
    [SITES_INITIAL] = 10, [SITES_SURVEILLANCE] = 6, [SITES_RECERTIFICATION] = 8};

/* MS-01 (MD 1 6.1.3) */
int64_t sites_sample(int64_t sites, enum sites_audit audit)
{
    int64_t wanted = (int64_t)tenths[audit] * tenths[audit] * sites;
    int64_t low = 0;
    int64_t high = SITES_MOST;

    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (100 * middle * middle >= wanted)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

int64_t sites_random_minimum(int64_t sample)
{
    return (sample + 3) / 4;
}

/* MS-02 (MD 1 6.2.1) */
int64_t sites_unsampled(int64_t sites, enum sites_audit audit)
{
    return audit == SITES_SURVEILLANCE ? (3 * sites + 9) / 10 : sites;
}

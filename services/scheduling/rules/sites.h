/* How many sites an audit visits (MS-01..03, IAF MD 1; 27006-1 9.1.5). */
#ifndef MEGURI_RULES_SITES_H
#define MEGURI_RULES_SITES_H

#include <stdint.h>

enum sites_audit { SITES_INITIAL, SITES_SURVEILLANCE, SITES_RECERTIFICATION };

#define SITES_MOST 1000000

/* MS-01: sample of `sites` sites without the central function, which is always audited
 * on top. Exact: the smallest s with 100 s*s >= k*k*sites, k = 10, 6, 8. */
int64_t sites_sample(int64_t sites, enum sites_audit audit);

/* MS-01: of that sample at least so many are chosen at random (25 %, rounded up). */
int64_t sites_random_minimum(int64_t sample);

/* MS-02: sites to visit where sampling is not appropriate: all, or 30 % (rounded up) in
 * the calendar year of a surveillance. */
int64_t sites_unsampled(int64_t sites, enum sites_audit audit);

#endif

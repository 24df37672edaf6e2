/* Suspension of a certificate (SUS-01..04). */
#ifndef MEGURI_RULES_SUSPENSION_H
#define MEGURI_RULES_SUSPENSION_H

#include "api/civil.h"

#define SUSPENSION_MAX_MONTHS 6 /* "in most cases", 17021-1 9.6.5.4 note; POLICY */

enum suspension_status {
    SUSPENSION_SUSPENDED,
    SUSPENSION_RESTORED,
    SUSPENSION_WITHDRAW_OR_REDUCE
};

struct suspension_facts {
    struct civil start;
    struct civil resolved_date; /* CIVIL_NONE: not resolved */
    struct civil today;
    int max_months;
};

struct suspension_result {
    struct civil limit_date;
    enum suspension_status status;
};

/* SUS-02, SUS-03, both limits inclusive. A resolution that lies after today has not
 * happened yet. SUS-04: the expiry of the certificate is not moved by any of this. */
struct suspension_result suspension_judge(const struct suspension_facts *facts);

#endif

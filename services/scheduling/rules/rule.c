/* Rule ids and their sources. */
#include "services/scheduling/rules/rule.h"

#include <string.h>

static const struct rule rules[] = {
    {"CAL-01", "POLICY", "product choice; ISO/IEC 17021-1 says only months"},
    {"CAL-02", "POLICY", "product choice"},
    {"CAL-03", "POLICY", "Civil Code arts 140, 143"},
    {"CAL-04", "POLICY", "product choice; Act on Holidays of Administrative Organs"},
    {"CAL-05", "LAW", "Act on National Holidays (Act No. 178 of 1948)"},
    {"CYC-01", "HARD", "ISO/IEC 17021-1:2015 9.1.3.2"},
    {"CYC-02", "POLICY", "product choice, month view of CYC-01"},
    {"CYC-03", "HARD", "ISO/IEC 17021-1:2015 8.2.2"},
    {"CYC-04", "ALLOWANCE", "ISO/IEC 17021-1:2015 8.2.2 note"},
    {"APP-03", "HARD", "ISO/IEC 17021-1:2015 9.9"},
    {"INI-01", "HARD", "ISO/IEC 17021-1:2015 9.3.1.1"},
    {"INI-02", "HARD", "ISO/IEC 17021-1:2015 9.3.1.2.4"},
    {"INI-03", "HARD", "ISO/IEC 27006:2015 9.1.3, carried into ISO/IEC 27006-1:2024"},
    {"INI-04", "HARD", "ISO/IEC 17021-1:2015 9.3.1.2.3"},
    {"NC-01", "HARD", "ISO/IEC 17021-1:2015 9.5.2"},
    {"NC-02", "HARD", "ISO/IEC 17021-1:2015 9.5.3.2"},
    {"NC-03", "POLICY", "certification body; ISO/IEC 17021-1:2015 9.4.9"},
    {"SUR-01", "HARD", "ISO/IEC 17021-1:2015 9.1.3.3"},
    {"SUR-02", "POLICY", "certification body"},
    {"SUR-03", "HARD", "ISO/IEC 17021-1:2015 9.1.3.3"},
    {"SUR-04", "POLICY", "certification body"},
    {"SUR-05", "HARD", "ISO/IEC 17021-1:2015 9.1.3.3"},
    {"SUR-08", "HARD", "ISO/IEC 17021-1:2015 9.6.2.2"},
    {"REC-01", "HARD", "ISO/IEC 17021-1:2015 9.6.3.1; the window is the body's"},
    {"REC-02", "HARD", "ISO/IEC 17021-1:2015 9.6.3.2.2, 9.6.3.2.4"},
    {"REC-03", "ALLOWANCE", "ISO/IEC 17021-1:2015 9.6.3.2.3"},
    {"REC-04", "POLICY", "certification body"},
    {"REC-05", "HARD", "ISO/IEC 17021-1:2015 9.6.3.2.5"},
    {"REC-06", "HARD", "ISO/IEC 17021-1:2015 9.6.3.2.5"},
    {"SUS-01", "HARD", "ISO/IEC 17021-1:2015 9.6.5.2, 9.6.5.3"},
    {"SUS-02", "POLICY", "ISO/IEC 17021-1:2015 9.6.5.4 note"},
    {"SUS-03", "HARD", "ISO/IEC 17021-1:2015 9.6.5.4, 9.6.5.5"},
    {"MRK-01", "HARD", "ISO/IEC 17021-1:2015 8.3"},
    {"MRK-02", "HARD", "ISO/IEC 17021-1:2015 8.3.4"},
    {"MRK-03", "HARD", "ISO/IEC 17021-1:2015 8.3.4, 9.6.5"},
    {"AT-01", "HARD", "ISO/IEC 27006-1:2024 Table C.1"},
    {"AT-02", "HARD", "ISO/IEC 27006-1:2024 Annex C"},
    {"AT-03", "HARD", "ISO/IEC 27006-1:2024 Annex C"},
    {"AT-04", "POLICY", "certification body"},
    {"AT-05", "HARD", "ISO/IEC 27006-1:2024 C.3.4"},
    {"AT-06", "HARD", "ISO/IEC 27006-1:2024 Annex C"},
    {"AT-07", "POLICY", "IAF MD 4; ISO/IEC 27006-1:2024; the share is the body's"},
    {"AT-08", "HARD", "IAF MD 11"},
    {"MS-01", "HARD", "IAF MD 1 6.1.3"},
    {"MS-02", "HARD", "IAF MD 1 6.2.1"},
    {"TRN-01", "HARD", "IAF MD 26:2023"},
    {"TRN-02", "HARD", "IAF MD 26:2023"},
    {"TRN-03", "HARD", "IAF MD 26:2023"},
    {"TRN-04", "HARD", "the transition document of the edition"},
    {"ADD-01", "SCHEME", "ISMS cloud security certification, JIP-ISMS517"},
    {"ADD-02", "SCHEME", "ISMS-PIMS certification (ISO/IEC 27701:2019)"},
    {"ADD-03", "SCHEME", "ISO/IEC 27701:2025, ISO/IEC 27706:2025"},
    {"TRF-01", "HARD", "IAF MD 2:2023"},
    {"TRF-02", "HARD", "IAF MD 2:2023"},
    {"TRF-03", "POLICY", "certification body"},
    {"CHG-01", "HARD", "ISO/IEC 17021-1:2015 8.5.3; the lead time is the body's"},
    {"CHG-03", "POLICY", "certification body"},
    {"CHG-04", "HARD", "ISO/IEC 17021-1:2015 9.3.1.2.4"},
    {"CHG-05", "POLICY", "product choice"},
    {"CHG-06", "POLICY", "product choice"},
    {"PLN-01", "POLICY", "product choice"},
    {"PLN-02", "HARD", "ISO/IEC 27001:2022 6.1.2, 6.1.3, 8, 9.2, 9.3"},
    {"PLN-03", "POLICY", "product choice"},
    {"PLN-04", "POLICY", "product choice"},
    {"PLN-05", "POLICY", "product choice"},
    {"PMK-01", "SCHEME", "PrivacyMark system, JIPDEC"},
    {"PMK-02", "SCHEME", "PrivacyMark system, JIPDEC"},
    {"PMK-03", "SCHEME", "PrivacyMark system, JIPDEC"},
};

const struct rule *rule_find(const char *id)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (strcmp(rules[i].id, id) == 0)
            return &rules[i];
    }
    return NULL;
}

const struct rule *rule_at(size_t index)
{
    return index < sizeof rules / sizeof rules[0] ? &rules[index] : NULL;
}

/* The glossary of the field: what a word is called in the other language, found also by the names that people use instead. */
#ifndef MEGURI_SCHEDULING_GLOSSARY_H
#define MEGURI_SCHEDULING_GLOSSARY_H

#include "api/app.h"

struct glossary_term {
    const char *ja, *en;
    const char *also;       /* other names, ", " between them; may be NULL */
    const char *audit_kind; /* the contract's kind of audit that it names; may be NULL */
};

extern const struct glossary_term glossary_terms[]; /* ended by a row without ja */

/* Whether the term, its translation or one of its other names contains what was asked. Upper and lower case, and ASCII letters and digits of
 * full width, are alike. */
bool glossary_fits(const struct glossary_term *term, const char *asked);

extern const struct step glossary_steps[];

#endif

/* The words of problems, apart from the code that writes them. To add a field code, add one line to problem_texts.c. */
#ifndef MEGURI_PROBLEM_TEXTS_H
#define MEGURI_PROBLEM_TEXTS_H

#include "problem.h"

struct problem_text {
    int status;
    const char *name; /* the stable code of the reply */
    const char *title_en;
    const char *title_ja;
};

/* `{}` in a *_limit sentence is where the limit goes; the other sentence is for errors without one. A code that never has a
 * limit leaves the *_limit sentences NULL. */
struct field_text {
    const char *code;
    const char *en;
    const char *ja;
    const char *en_limit;
    const char *ja_limit;
};

extern const struct problem_text problem_texts[PROBLEM_CODES];
extern const struct field_text field_texts[]; /* code NULL ends */

/* NULL when the code is not in the table. */
const struct field_text *field_text_find(const char *code);

#endif

/* Logic-less templates of mails, a part of Mustache (mustache.5): {{name}}, {{#name}}...{{/name}} for what is there or for each item of a list,
 * {{^name}}...{{/name}} for what is not, {{! comment }}. A tag that stands alone on its line takes the line with it. There is no unescaped value,
 * no partial and no way to call anything. Pure. */
#ifndef MEGURI_NOTIFICATIONS_TEMPLATE_H
#define MEGURI_NOTIFICATIONS_TEMPLATE_H

#include "api/arena.h"
#include "api/text.h"

#include <jansson.h>
#include <stdbool.h>

/* What is wrong with a template. */
struct template_fault {
    const char *code; /* malformed_tag, unknown_placeholder, unbalanced_section */
    const char *tag;  /* "line 3: {{#titel}}", in the arena */
};

/* Is it well-formed, and does it name nothing but `known` (an object whose members are the placeholders; a list's member is an object with
 * the placeholders of its items)? false: *ret tells the first fault. */
bool template_check(struct arena *arena, const char *source, const json_t *known,
                    struct template_fault *ret);

/* Appends the template with its values: texts, numbers, truth values, lists of objects. What is missing or null is empty. html: the five
 * characters that mean something in HTML are escaped. The template has passed template_check. */
void template_render(struct text *out, const char *source, const json_t *values,
                     bool html);

#endif

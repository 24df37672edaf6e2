/* GET /v1/glossary */
#include "services/scheduling/glossary.h"

#include "api/text.h"

#include <string.h>

/* U+FF01..U+FF5E are ASCII in full width, three bytes EF BC 81.. or EF BD 80..: the ASCII character, or 0. */
static char narrow(const unsigned char *p)
{
    if (p[0] != 0xef || (p[1] != 0xbc && p[1] != 0xbd))
        return 0;
    int code = (p[1] == 0xbc ? 0 : 0x40) + p[2] - 0x80 + 0x20;
    return code > 0x20 && code < 0x7f ? (char)code : (char)0;
}

static void fold(struct text *out, const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    while (*p) {
        char c = narrow(p);
        p += c ? 3 : 1;
        if (!c)
            c = (char)p[-1];
        text_addc(out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
}

static bool contains(const char *value, const char *folded)
{
    struct text mine _text_auto_ = {0};
    if (!value)
        return false;
    fold(&mine, value);
    return mine.len > 0 && strstr(mine.data, folded) != NULL;
}

bool glossary_fits(const struct glossary_term *term, const char *asked)
{
    struct text folded _text_auto_ = {0};
    fold(&folded, asked);
    return folded.len == 0 || contains(term->ja, folded.data) ||
           contains(term->en, folded.data) || contains(term->also, folded.data);
}

static json_t *also_json(const char *also)
{
    json_t *list = json_array();
    for (const char *p = also; p && *p;) {
        size_t len = strcspn(p, ",");
        json_array_append_new(list, json_stringn(p, len));
        p += len;
        p += strspn(p, ", ");
    }
    return list;
}

static bool glossary_answer(struct request *rq)
{
    const char *asked = request_parameter(rq, "q");
    json_t *list = json_array();
    for (const struct glossary_term *term = glossary_terms; term->ja; term++) {
        if (!asked || glossary_fits(term, asked))
            json_array_append_new(list,
                                  json_pack("{s:s, s:s, s:o, s:s?}", "ja", term->ja, "en",
                                            term->en, "also", also_json(term->also),
                                            "audit_kind", term->audit_kind));
    }
    request_reply_json(rq, json_pack("{s:o}", "data", list));
    return true;
}

const struct step glossary_steps[] = {{.compute = glossary_answer}, {0}};

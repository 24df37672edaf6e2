/* A template is read from its beginning each time: it is short, and mails are few compared with what a tree would cost to keep. */
#include "template.h"

#include <string.h>

enum { DEPTH = 8, NAME_MAX = 60 };

struct tag {
    char sigil; /* '#', '^', '/', '!', or 0 for a value */
    const char *name;
    size_t len;
    const char *open;  /* at its braces */
    const char *begin; /* of what it replaces: a lone tag takes its line */
    const char *end;
};

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* Does nothing but blanks surround it on its line? Then it takes the line. */
static void take_line(const char *source, struct tag *tag)
{
    const char *first = tag->open, *last = tag->end;
    while (first > source && (first[-1] == ' ' || first[-1] == '\t'))
        first--;
    while (*last == ' ' || *last == '\t' || *last == '\r')
        last++;
    if ((first > source && first[-1] != '\n') || (*last && *last != '\n'))
        return;
    tag->begin = first;
    tag->end = *last ? last + 1 : last;
}

static void read_name(struct tag *tag, const char *from, const char *close)
{
    while (from < close && *from == ' ')
        from++;
    while (close > from && close[-1] == ' ')
        close--;
    tag->name = from;
    tag->len = (size_t)(close - from);
}

/* The next tag at or after p; false when there is none. A name of length 0 is a malformed tag. */
static bool next_tag(const char *source, const char *p, struct tag *ret)
{
    const char *open = strstr(p, "{{");
    if (!open)
        return false;
    const char *close = strstr(open, "}}");
    *ret = (struct tag){.open = open, .begin = open, .end = open + 2, .name = open};
    if (!close)
        return true;
    ret->end = close + 2;
    const char *inside = open + 2;
    if (*inside == '#' || *inside == '^' || *inside == '/' || *inside == '!')
        ret->sigil = *inside++;
    read_name(ret, inside, close);
    if (ret->sigil == '!')
        ret->len = 1;
    for (size_t i = 0; ret->sigil != '!' && i < ret->len; i++) {
        if (!is_name(ret->name[i]))
            ret->len = 0;
    }
    if (ret->sigil)
        take_line(source, ret);
    return true;
}

/* ---- checking ---- */

struct checking {
    struct arena *arena;
    const char *source;
    const json_t *known[DEPTH + 1]; /* placeholders of the sections that are open */
    struct tag open[DEPTH + 1];
    int depth;
    struct template_fault *fault;
};

static bool fault(struct checking *checking, const char *code, const struct tag *tag)
{
    int line = 1;
    size_t len = strcspn(tag->open, "\n");
    const char *close = strstr(tag->open, "}}");
    if (close && (size_t)(close + 2 - tag->open) < len)
        len = (size_t)(close + 2 - tag->open);
    for (const char *c = checking->source; c < tag->open; c++)
        line += *c == '\n';
    checking->fault->code = code;
    checking->fault->tag =
        arena_printf(checking->arena, "line %d: %.*s", line,
                     (int)(len < NAME_MAX ? len : NAME_MAX), tag->open);
    return false;
}

static const json_t *known(const struct checking *checking, const struct tag *tag)
{
    char name[NAME_MAX + 1];
    if (tag->len > NAME_MAX)
        return NULL;
    memcpy(name, tag->name, tag->len);
    name[tag->len] = '\0';
    const json_t *found = NULL;
    for (int i = checking->depth; i >= 0 && !found; i--)
        found = json_object_get(checking->known[i], name);
    return found;
}

static bool check_close(struct checking *checking, const struct tag *tag)
{
    const struct tag *open = &checking->open[checking->depth];
    if (checking->depth == 0 || open->len != tag->len ||
        memcmp(open->name, tag->name, tag->len) != 0)
        return fault(checking, "unbalanced_section", tag);
    checking->depth--;
    return true;
}

static bool check_tag(struct checking *checking, const struct tag *tag)
{
    if (tag->len == 0)
        return fault(checking, "malformed_tag", tag);
    if (tag->sigil == '!')
        return true;
    if (tag->sigil == '/')
        return check_close(checking, tag);
    const json_t *placeholder = known(checking, tag);
    if (!placeholder || (!tag->sigil && json_is_object(placeholder)))
        return fault(checking, "unknown_placeholder", tag);
    if (!tag->sigil)
        return true;
    if (checking->depth == DEPTH)
        return fault(checking, "unbalanced_section", tag);
    checking->depth++;
    checking->open[checking->depth] = *tag;
    checking->known[checking->depth] = placeholder;
    return true;
}

bool template_check(struct arena *arena, const char *source, const json_t *placeholders,
                    struct template_fault *ret)
{
    struct checking checking = {
        .arena = arena, .source = source, .known = {placeholders}, .fault = ret};
    struct tag tag;
    for (const char *p = source; next_tag(source, p, &tag); p = tag.end) {
        if (!check_tag(&checking, &tag))
            return false;
    }
    return checking.depth == 0 ||
           fault(&checking, "unbalanced_section", &checking.open[checking.depth]);
}

/* ---- rendering ---- */

struct rendering {
    struct text *out;
    const char *source;
    const json_t *values[DEPTH + 1]; /* innermost last */
    int depth;
    bool html;
};

static const json_t *value_of(const struct rendering *rendering, const struct tag *tag)
{
    const json_t *found = NULL;
    for (int i = rendering->depth; i >= 0 && !found; i--)
        found = json_object_getn(rendering->values[i], tag->name, tag->len);
    return found;
}

static void add_escaped(struct text *out, const char *s)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {
        {'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#x27;"}};
    for (; *s; s++) {
        size_t i = 0;
        while (i < sizeof entities / sizeof *entities && entities[i].c != *s)
            i++;
        if (i < sizeof entities / sizeof *entities)
            text_adds(out, entities[i].entity);
        else
            text_addc(out, *s);
    }
}

static void add_value(const struct rendering *rendering, const json_t *value)
{
    if (json_is_integer(value))
        text_addf(rendering->out, "%lld", (long long)json_integer_value(value));
    const char *text = json_string_value(value);
    if (text && rendering->html)
        add_escaped(rendering->out, text);
    else if (text)
        text_adds(rendering->out, text);
}

static bool is_there(const json_t *value)
{
    if (json_is_string(value))
        return json_string_length(value) > 0;
    return json_is_true(value) || json_integer_value(value) != 0 ||
           json_array_size(value) > 0;
}

/* Where the section that begins behind `tag` is closed. */
static struct tag closing(const char *source, const struct tag *tag)
{
    struct tag next = *tag;
    int depth = 1;
    while (depth > 0 && next_tag(source, next.end, &next)) {
        bool section = next.sigil == '#' || next.sigil == '^';
        depth += section - (next.sigil == '/');
    }
    return next;
}

static void render_part(struct rendering *rendering, const char *from, const char *to);

static void render_items(struct rendering *rendering, const json_t *list,
                         const char *from, const char *to)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        rendering->values[++rendering->depth] = json_array_get(list, i);
        render_part(rendering, from, to);
        rendering->depth--;
    }
}

/* Returns where to go on. */
static const char *render_section(struct rendering *rendering, const struct tag *tag)
{
    struct tag close = closing(rendering->source, tag);
    const json_t *value = value_of(rendering, tag);
    bool wanted = is_there(value) == (tag->sigil == '#');
    if (wanted && tag->sigil == '#' && json_is_array(value) && rendering->depth < DEPTH)
        render_items(rendering, value, tag->end, close.begin);
    else if (wanted)
        render_part(rendering, tag->end, close.begin);
    return close.end;
}

static void render_part(struct rendering *rendering, const char *from, const char *to)
{
    struct tag tag;
    while (from < to && next_tag(rendering->source, from, &tag) && tag.open < to) {
        if (tag.begin > from)
            text_add(rendering->out, from, (size_t)(tag.begin - from));
        from = tag.end;
        if (tag.sigil == '#' || tag.sigil == '^')
            from = render_section(rendering, &tag);
        else if (!tag.sigil)
            add_value(rendering, value_of(rendering, &tag));
    }
    if (from < to)
        text_add(rendering->out, from, (size_t)(to - from));
}

void template_render(struct text *out, const char *source, const json_t *values,
                     bool html)
{
    struct rendering rendering = {
        .out = out, .source = source, .values = {values}, .html = html};
    render_part(&rendering, source, source + strlen(source));
}

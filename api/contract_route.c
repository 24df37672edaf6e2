/* The tree of path segments: literal segments before parameters. */
#include "contract_internal.h"

#include <string.h>

/* ---- building ---- */

static bool is_parameter(const char *segment, size_t len)
{
    return len > 2 && segment[0] == '{' && segment[len - 1] == '}' &&
           !memchr(segment + 1, '{', len - 1);
}

static struct route *enter_static(struct arena *arena, struct route *node,
                                  const char *segment, size_t len)
{
    struct route *child = node->children;
    while (child &&
           (child->segment_len != len || memcmp(child->segment, segment, len) != 0))
        child = child->next;
    if (child)
        return child;
    child = arena_alloc(arena, sizeof *child);
    child->segment = segment;
    child->segment_len = len;
    child->next = node->children;
    node->children = child;
    return child;
}

static struct route *enter_segment(struct loader *loader, struct route *node,
                                   struct leaf *leaf, const char *segment, size_t len)
{
    struct arena *arena = loader->contract->arena;
    if (!is_parameter(segment, len))
        return enter_static(arena, node, segment, len);
    if (leaf->name_count == CONTRACT_MAX_PATH_PARAMETERS) {
        load_fail(loader, "more than %d path parameters", CONTRACT_MAX_PATH_PARAMETERS);
        return NULL;
    }
    leaf->names[leaf->name_count++] = arena_strndup(arena, segment + 1, len - 2);
    if (!node->parameter)
        node->parameter = arena_alloc(arena, sizeof *node->parameter);
    return node->parameter;
}

static bool is_segment(const char *segment, size_t len)
{
    bool braces = memchr(segment, '{', len) || memchr(segment, '}', len);
    return len > 0 && !memchr(segment, '%', len) &&
           (!braces || is_parameter(segment, len));
}

struct leaf *route_add(struct loader *loader, const char *path)
{
    struct route *node = &loader->contract->root;
    struct leaf *leaf = arena_alloc(loader->contract->arena, sizeof *leaf);
    leaf->path = path;
    int count = 0;
    for (const char *p = path; *p; count++) {
        size_t len = *p == '/' ? strcspn(p + 1, "/") : 0;
        if (len == 0 || !is_segment(p + 1, len) || count == CONTRACT_MAX_SEGMENTS) {
            load_fail(loader,
                      "the path must be /segment/{parameter}/... of at most %d parts",
                      CONTRACT_MAX_SEGMENTS);
            return NULL;
        }
        node = enter_segment(loader, node, leaf, p + 1, len);
        if (!node)
            return NULL;
        p += 1 + len;
    }
    if (count == 0 || node->leaf) {
        load_fail(loader, "the same path as %s",
                  node->leaf ? node->leaf->path : "nothing");
        return NULL;
    }
    node->leaf = leaf;
    return leaf;
}

/* ---- matching ---- */

/* The decoded segments of a request's path. */
struct segments {
    char *text[CONTRACT_MAX_SEGMENTS];
    size_t len[CONTRACT_MAX_SEGMENTS];
    int count;
};

static bool split_path(struct arena *arena, const char *path, struct segments *ret)
{
    for (const char *p = path; *p; ret->count++) {
        size_t len = *p == '/' ? strcspn(p + 1, "/") : 0;
        if (len == 0 || ret->count == CONTRACT_MAX_SEGMENTS)
            return false;
        char *text = percent_decode(arena, p + 1, len, false);
        if (!text || strchr(text, '/'))
            return false;
        ret->text[ret->count] = text;
        ret->len[ret->count] = strlen(text);
        p += 1 + len;
    }
    return ret->count > 0;
}

static const struct route *find_static(const struct route *node, const char *text,
                                       size_t len)
{
    for (const struct route *child = node->children; child; child = child->next) {
        if (child->segment_len == len && memcmp(child->segment, text, len) == 0)
            return child;
    }
    return NULL;
}

/* Recursion: as deep as the segments, at most CONTRACT_MAX_SEGMENTS */
static const struct leaf *match_from(const struct route *node,
                                     const struct segments *segments, int at,
                                     char **values, int value_count)
{
    if (at == segments->count)
        return node->leaf;
    const struct route *child = find_static(node, segments->text[at], segments->len[at]);
    const struct leaf *leaf =
        child ? match_from(child, segments, at + 1, values, value_count) : NULL;
    if (leaf || !node->parameter || value_count == CONTRACT_MAX_PATH_PARAMETERS)
        return leaf;
    values[value_count] = segments->text[at];
    return match_from(node->parameter, segments, at + 1, values, value_count + 1);
}

static const struct operation *find_method(const struct leaf *leaf, const char *method)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (int i = 0; i < leaf->operation_count; i++) {
        if (strcmp(leaf->operations[i]->method, wanted) == 0)
            return leaf->operations[i];
    }
    return NULL;
}

enum contract_match contract_route(const struct contract *contract, struct arena *arena,
                                   const char *method, const char *path,
                                   struct path_match *ret)
{
    struct segments segments;
    char *values[CONTRACT_MAX_PATH_PARAMETERS] = {NULL};
    segments.count = 0;
    if (!split_path(arena, path, &segments))
        return CONTRACT_NO_PATH;
    const struct leaf *leaf = match_from(&contract->root, &segments, 0, values, 0);
    if (!leaf)
        return CONTRACT_NO_PATH;
    ret->operation = find_method(leaf, method);
    ret->allow = leaf->allow;
    ret->count = leaf->name_count;
    for (int i = 0; i < leaf->name_count; i++) {
        ret->names[i] = leaf->names[i];
        ret->values[i] = values[i];
    }
    return ret->operation ? CONTRACT_FOUND : CONTRACT_NO_METHOD;
}

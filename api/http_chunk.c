/* The strict gate over a chunked body (RFC 9112 section 7.1): sizes of at most 8 hex digits, CR LF and nothing else
 * as line end, bounded extensions, no trailer fields. libhttp-parser decodes what passed here. */
#include "http_internal.h"

static enum http_refusal extension_byte(struct http_chunk_scan *scan, unsigned char c)
{
    if (c == '\r') {
        scan->state = CHUNK_SIZE_LF;
        return REFUSAL_NONE;
    }
    if ((c < 0x20 && c != '\t') || c == 0x7f)
        return REFUSAL_CHUNK;
    scan->extension++;
    scan->extensions++;
    return scan->extension > HTTP_CHUNK_EXTENSION_MAX ||
                   scan->extensions > HTTP_CHUNK_EXTENSIONS_MAX
               ? REFUSAL_CHUNK
               : REFUSAL_NONE;
}

static int hex_value(unsigned char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum http_refusal size_byte(struct http_chunk_scan *scan, unsigned char c)
{
    const int digit = hex_value(c);

    if (digit >= 0) {
        scan->left = scan->left * 16 + (unsigned)digit;
        return ++scan->digits > HTTP_CHUNK_DIGITS_MAX ? REFUSAL_CHUNK : REFUSAL_NONE;
    }
    if (scan->digits == 0 || (c != ';' && c != '\r'))
        return REFUSAL_CHUNK;
    scan->state = CHUNK_EXTENSION;
    return extension_byte(scan, c);
}

static enum http_refusal expect(struct http_chunk_scan *scan, unsigned char c,
                                unsigned char wanted, enum http_chunk_state next)
{
    scan->state = next;
    return c == wanted ? REFUSAL_NONE : REFUSAL_CHUNK;
}

static enum http_refusal framing_byte(struct http_chunk_scan *scan, unsigned char c)
{
    switch (scan->state) {
    case CHUNK_SIZE:
        return size_byte(scan, c);
    case CHUNK_EXTENSION:
        return extension_byte(scan, c);
    case CHUNK_SIZE_LF:
        return expect(scan, c, '\n', scan->left ? CHUNK_DATA : CHUNK_END_CR);
    case CHUNK_DATA_CR:
        return expect(scan, c, '\r', CHUNK_DATA_LF);
    case CHUNK_DATA_LF:
        scan->digits = 0;
        scan->extension = 0;
        return expect(scan, c, '\n', CHUNK_SIZE);
    case CHUNK_END_CR:
        return expect(scan, c, '\r', CHUNK_END_LF) ? REFUSAL_TRAILER : REFUSAL_NONE;
    case CHUNK_END_LF:
        return expect(scan, c, '\n', CHUNK_DONE);
    default:
        return REFUSAL_CHUNK;
    }
}

enum http_refusal http_chunk_scan(struct http_chunk_scan *scan, const char *data,
                                  size_t len, size_t *ret_used)
{
    size_t at = 0;

    while (at < len && scan->state != CHUNK_DONE) {
        enum http_refusal refusal;

        if (scan->state == CHUNK_DATA) {
            const size_t step = scan->left < len - at ? (size_t)scan->left : len - at;

            at += step;
            scan->left -= step;
            if (scan->left == 0)
                scan->state = CHUNK_DATA_CR;
            continue;
        }
        refusal = framing_byte(scan, (unsigned char)data[at++]);
        if (refusal)
            return refusal;
    }
    *ret_used = at;
    return REFUSAL_NONE;
}

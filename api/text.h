/* A growing byte string: JSON replies, log lines, mails. Zero-initialise (`struct text t = {0}`) and text_free.
 * Growth that fails ends the process (see arena.h). Always NUL-terminated when data is not NULL. */
#ifndef MEGURI_TEXT_H
#define MEGURI_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *data;
    size_t len;
    size_t capacity;
};

void text_free(struct text *text);  /* accepts NULL and zeroed; leaves it zeroed */
void text_clear(struct text *text); /* keeps the memory */
void text_add(struct text *text, const void *data, size_t len);
void text_adds(struct text *text, const char *s);
void text_addc(struct text *text, char c);
void text_addi(struct text *text, int64_t number);
void text_addf(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));

/* Room for `more` bytes at the end (and the NUL); returns where they begin. Set len yourself, then end with NUL. */
char *text_reserve(struct text *text, size_t more);

/* Adds s as a JSON string with quotes; escapes per RFC 8259. The input must be UTF-8; bytes that are not are
 * replaced by U+FFFD, so the output is always valid JSON. */
void text_add_json(struct text *text, const char *s, size_t len);

/* Adds base64url without padding (RFC 4648 section 5). */
void text_add_base64url(struct text *text, const void *data, size_t len);

/* Length of the longest prefix that is well-formed UTF-8; == len when all of it is. */
size_t text_utf8_valid(const char *s, size_t len);

#define _text_auto_ __attribute__((cleanup(text_free)))

#endif

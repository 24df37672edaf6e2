/* What the edge refuses, and how it says so: problem+json, then the connection closes. */
#include "http_internal.h"

#include <string.h>
#include <strings.h>

struct refusal_text {
    enum problem_code code;
    const char *en;
    const char *ja;
};

static const struct refusal_text refusals[REFUSALS] = {
    [REFUSAL_REQUEST_LINE] =
        {PROBLEM_BAD_REQUEST, "The request line must be a method, a target and HTTP/1.1.",
         "リクエスト行はメソッド、対象、HTTP/1.1 の順に書いてください。"},
    [REFUSAL_LINE_END] = {PROBLEM_BAD_REQUEST, "Header lines must end with CR LF.",
                          "ヘッダーの行末は CR LF でなければなりません。"},
    [REFUSAL_CONTROL_BYTE] = {PROBLEM_BAD_REQUEST,
                              "The message head contains a control character.",
                              "ヘッダーに制御文字が含まれています。"},
    [REFUSAL_FIELD] = {PROBLEM_BAD_REQUEST, "A header field is malformed.",
                       "ヘッダーフィールドの形式が正しくありません。"},
    [REFUSAL_FOLDING] = {PROBLEM_BAD_REQUEST, "Folded header lines are not accepted.",
                         "折り返されたヘッダー行は受け付けません。"},
    [REFUSAL_TARGET] =
        {PROBLEM_BAD_REQUEST,
         "The request target must be a path with an optional query, correctly "
         "percent-encoded UTF-8.",
         "リクエスト対象はパスとクエリのみで、UTF-8 "
         "として正しくパーセントエンコードしてください。"},
    [REFUSAL_TARGET_TOO_LONG] = {PROBLEM_URI_TOO_LONG,
                                 "The request target may have at most 8192 bytes.",
                                 "リクエスト対象は 8192 バイトまでです。"},
    [REFUSAL_HEADERS_TOO_LARGE] =
        {PROBLEM_HEADERS_TOO_LARGE,
         "At most 64 header fields and 8192 bytes are accepted.",
         "ヘッダーは 64 個、8192 バイトまでです。"},
    [REFUSAL_METHOD] = {PROBLEM_NOT_IMPLEMENTED, "The method is not known.",
                        "未知のメソッドです。"},
    [REFUSAL_VERSION] = {PROBLEM_VERSION_NOT_SUPPORTED,
                         "Only HTTP/1.1 and HTTP/1.0 are spoken here.",
                         "HTTP/1.1 と HTTP/1.0 のみ対応しています。"},
    [REFUSAL_HOST] = {PROBLEM_BAD_REQUEST, "Exactly one valid Host field is required.",
                      "正しい Host フィールドがちょうど一つ必要です。"},
    [REFUSAL_REPEATED_FIELD] = {PROBLEM_BAD_REQUEST,
                                "A header field that must be single is repeated.",
                                "一度しか書けないヘッダーが繰り返されています。"},
    [REFUSAL_LENGTH] = {PROBLEM_BAD_REQUEST, "Content-Length must be one decimal number.",
                        "Content-Length は十進数一つでなければなりません。"},
    [REFUSAL_LENGTH_AND_CODING] =
        {PROBLEM_BAD_REQUEST, "Content-Length and Transfer-Encoding exclude each other.",
         "Content-Length と Transfer-Encoding は併用できません。"},
    [REFUSAL_CODING] = {PROBLEM_NOT_IMPLEMENTED,
                        "The only transfer coding understood is chunked.",
                        "対応している転送符号化は chunked のみです。"},
    [REFUSAL_CODING_REPEATED] = {PROBLEM_BAD_REQUEST, "Transfer-Encoding is repeated.",
                                 "Transfer-Encoding が繰り返されています。"},
    [REFUSAL_CODING_OLD_VERSION] = {PROBLEM_BAD_REQUEST,
                                    "HTTP/1.0 does not know Transfer-Encoding.",
                                    "HTTP/1.0 では Transfer-Encoding を使えません。"},
    [REFUSAL_UPGRADE] = {PROBLEM_BAD_REQUEST, "Upgrades and tunnels are not offered.",
                         "プロトコルの切り替えとトンネルには対応していません。"},
    [REFUSAL_EXPECTATION] = {PROBLEM_EXPECTATION_FAILED,
                             "The only expectation understood is 100-continue.",
                             "対応している Expect は 100-continue のみです。"},
    [REFUSAL_TOO_LARGE] = {PROBLEM_CONTENT_TOO_LARGE,
                           "The body is larger than this operation accepts.",
                           "本文がこの操作の上限を超えています。"},
    [REFUSAL_CHUNK] = {PROBLEM_BAD_REQUEST, "The chunked body is malformed.",
                       "chunked 形式の本文が正しくありません。"},
    [REFUSAL_TRAILER] = {PROBLEM_BAD_REQUEST, "Trailer fields are not accepted.",
                         "トレーラーは受け付けません。"},
    [REFUSAL_MALFORMED] = {PROBLEM_BAD_REQUEST, "The message is not valid HTTP.",
                           "HTTP メッセージとして正しくありません。"},
    [REFUSAL_TIMEOUT] = {PROBLEM_REQUEST_TIMEOUT, "The request did not arrive in time.",
                         "リクエストが時間内に届きませんでした。"},
    [REFUSAL_CONNECTIONS] = {PROBLEM_UNAVAILABLE, "Too many connections are open.",
                             "接続数が上限に達しています。"},
};

enum { RETRY_AFTER_S = 5 };

static const char *find_value(const struct http_header *headers, int count,
                              const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcasecmp(headers[i].name, name) == 0)
            return headers[i].value;
    }
    return NULL;
}

/* Headers of the layer above, and Retry-After when the problem has one. */
static int refusal_headers(const struct http_exchange *exchange,
                           const struct problem *problem,
                           const struct http_header **ret_headers)
{
    const struct http_callbacks *callbacks = &exchange->server->callbacks;
    struct arena *arena = exchange->request.arena;
    const struct http_header *given = NULL;
    struct http_header *headers;
    int count = 0;

    if (callbacks->edge_headers)
        count = callbacks->edge_headers(arena, &given, callbacks->arg);
    headers = arena_alloc(arena, ((size_t)count + 1) * sizeof *headers);
    if (count > 0)
        memcpy(headers, given, (size_t)count * sizeof *headers);
    if (problem->retry_after_s)
        headers[count++] = (struct http_header){
            "Retry-After", arena_printf(arena, "%d", problem->retry_after_s)};
    *ret_headers = headers;
    return count;
}

void http_refuse(struct http_exchange *exchange, enum http_refusal refusal)
{
    const struct refusal_text *text = &refusals[refusal];
    const struct problem problem = {
        .code = text->code,
        .detail_en = text->en,
        .detail_ja = text->ja,
        .retry_after_s = text->code == PROBLEM_UNAVAILABLE ? RETRY_AFTER_S : 0,
    };
    const char *wanted = http_header_find(&exchange->request, "Accept-Language");
    struct text body = {0};
    struct http_reply reply = {
        .status = problem_status(text->code),
        .content_type = "application/problem+json",
        .body = &body,
        .close = true,
    };
    const char *request_id;

    reply.header_count = refusal_headers(exchange, &problem, &reply.headers);
    request_id = find_value(reply.headers, reply.header_count, "X-Request-Id");
    problem_write(&body, &problem, language_negotiate(wanted), request_id);
    http_reply_prepare(exchange, &reply);
}

/* SMTP through libcurl. Its settings are read once at start and constant afterwards. */
#include "smtp.h"

#include "mail.h"
#include "ssrf.h"

#include "api/log.h"
#include "api/text.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { CONNECT_MS = 5000, WORDS_MAX = 400 };
#define OWN_PORTS "25,465,587,2525"

struct smtp {
    const struct smtp_server *server;
    CURL *curl;
    struct curl_slist *receivers;
    const char *data; /* what is left of the message */
    size_t len;
    const char *reason;
    bool refused;      /* the guard did not let us connect */
    struct text reply; /* last line of the server */
    char error[CURL_ERROR_SIZE];
};

static struct {
    struct smtp_server installation;
    const char *ca_file;
    const struct ssrf_policy *policy;
} settings; /* set once before threads start */

static const char *first_line(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = arena_alloc(arena, BUFSIZ);
    if (!file || !fgets(line, BUFSIZ, file))
        log_die("bad_setting", "name", "MEGURI_SMTP_PASSWORD_FILE", "value", path,
                "allowed", "a readable file with one line", NULL);
    (void)fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

void smtp_init(const struct config *config)
{
    struct arena *forever = arena_new();
    struct smtp_server *server = &settings.installation;
    const char *name = NULL; /* mails carry the consultancy's */
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        log_die("libcurl_failed", NULL);
    if (!mail_split_address(forever, config->mail_from, &name, &server->from_address))
        log_die("bad_setting", "name", "MEGURI_MAIL_FROM", "value", config->mail_from,
                "allowed", "Name <address@host>", NULL);
    server->url = config->smtp_url && *config->smtp_url ? config->smtp_url : NULL;
    server->user = config->smtp_user;
    if (config->smtp_password_file)
        server->password = first_line(forever, config->smtp_password_file);
    server->tls = strcmp(config->smtp_tls, "off") == 0   ? CURLUSESSL_NONE
                  : strcmp(config->smtp_tls, "try") == 0 ? CURLUSESSL_TRY
                                                         : CURLUSESSL_ALL;
    settings.ca_file = config->smtp_ca_file;
    settings.policy = ssrf_policy_new(config->webhook_allow, OWN_PORTS);
    if (!settings.policy)
        log_die("bad_setting", "name", "MEGURI_WEBHOOK_ALLOW", "value",
                config->webhook_allow, "allowed", "networks, as 10.1.0.0/16", NULL);
}

const struct smtp_server *smtp_installation(void)
{
    return &settings.installation;
}

const struct smtp_server *smtp_own(struct arena *arena, const char *host,
                                   const char *port, const char *tls, const char *user,
                                   const char *password, const char *from_address)
{
    struct smtp_server *server = arena_alloc(arena, sizeof *server);
    bool implicit = strcmp(tls, "implicit") == 0;
    *server = (struct smtp_server){
        .url = arena_printf(arena, "%s://%s:%s", implicit ? "smtps" : "smtp", host, port),
        .user = user,
        .password = password,
        .from_address = from_address,
        .tls = CURLUSESSL_ALL,
        .guarded = true};
    return server;
}

/* The address that libcurl is about to connect. */
static curl_socket_t guarded_socket(void *arg, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    struct smtp *smtp = arg;
    (void)purpose;
    if (!ssrf_address_allowed(settings.policy, &address->addr, address->addrlen)) {
        smtp->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t read_message(char *buffer, size_t size, size_t count, void *arg)
{
    struct smtp *smtp = arg;
    size_t len = size * count < smtp->len ? size * count : smtp->len;
    memcpy(buffer, smtp->data, len);
    smtp->data += len;
    smtp->len -= len;
    return len;
}

/* libcurl hands every line of the server to the header function; the farewell says nothing about the mail. */
static size_t keep_reply(char *line, size_t size, size_t count, void *arg)
{
    struct smtp *smtp = arg;
    size_t len = size * count;
    if (len >= 3 && memcmp(line, "221", 3) == 0)
        return len;
    text_clear(&smtp->reply);
    text_add(&smtp->reply, line, len < WORDS_MAX ? len : WORDS_MAX);
    return len;
}

static void smtp_close(void *arg)
{
    struct smtp *smtp = arg;
    curl_easy_cleanup(smtp->curl);
    curl_slist_free_all(smtp->receivers);
    text_free(&smtp->reply);
}

static void set_up(struct smtp *smtp)
{
    CURL *curl = smtp->curl;
    const struct smtp_server *server = smtp->server;
    curl_easy_setopt(curl, CURLOPT_URL, server->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, server->tls);
    if (settings.ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca_file);
    if (server->user)
        curl_easy_setopt(curl, CURLOPT_USERNAME, server->user);
    if (server->password)
        curl_easy_setopt(curl, CURLOPT_PASSWORD, server->password);
    if (server->guarded) {
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, guarded_socket);
        curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, smtp);
    }
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, read_message);
    curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_reply);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, smtp);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, smtp->error);
}

struct smtp *smtp_open(struct arena *arena, const struct smtp_server *server)
{
    struct smtp *smtp = arena_alloc(arena, sizeof *smtp);
    smtp->server = server;
    smtp->curl = curl_easy_init();
    if (!smtp->curl)
        arena_out_of_memory();
    arena_defer(arena, smtp_close, smtp);
    set_up(smtp);
    return smtp;
}

/* The server's last line, or the network's error, as one clean line. */
static const char *words(struct smtp *smtp, struct arena *arena, CURLcode result)
{
    const char *said = smtp->error[0] ? smtp->error : curl_easy_strerror(result);
    long code = 0;
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &code);
    if (smtp->refused)
        said = "the mail server's address or port is not a public one";
    bool server_spoke = smtp->reply.len && (result == CURLE_OK || code >= 400);
    char *line = arena_strdup(arena, server_spoke ? smtp->reply.data : said);
    size_t len = strlen(line);
    while (len > 0 && (unsigned char)line[len - 1] <= ' ')
        line[--len] = '\0';
    for (size_t i = 0; i < len; i++)
        line[i] = (char)((unsigned char)line[i] < ' ' || line[i] & 0x80 ? ' ' : line[i]);
    return line;
}

/* A refusal of our sign-in is the operator's mistake and not the mail's. */
static bool is_permanent(CURL *curl, CURLcode result)
{
    long code = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    bool about_mail = result == CURLE_SEND_ERROR || result == CURLE_WEIRD_SERVER_REPLY;
    bool sign_in = code == 530 || code == 534 || code == 535 || code == 538;
    return about_mail && code >= 500 && code < 600 && !sign_in;
}

static const char *reason_of(struct smtp *smtp, CURLcode result)
{
    long code = 0;
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &code);
    switch (result) {
    case CURLE_OK:
        return "none";
    case CURLE_OPERATION_TIMEDOUT:
        return "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return smtp->refused ? "guard" : "connect";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_USE_SSL_FAILED:
    case CURLE_PEER_FAILED_VERIFICATION:
        return "tls";
    case CURLE_LOGIN_DENIED:
        return "sign_in";
    default:
        return code >= 500 ? "5xx" : code >= 400 ? "4xx" : "network";
    }
}

const char *smtp_reason(const struct smtp *smtp)
{
    return smtp->reason;
}

enum smtp_outcome smtp_send(struct smtp *smtp, struct arena *arena, const char *to,
                            const char *data, size_t len, long timeout_ms,
                            const char **ret_words)
{
    CURL *curl = smtp->curl;
    curl_slist_free_all(smtp->receivers);
    smtp->receivers = curl_slist_append(NULL, arena_printf(arena, "<%s>", to));
    if (!smtp->receivers)
        arena_out_of_memory();
    smtp->data = data;
    smtp->len = len;
    smtp->error[0] = '\0';
    smtp->refused = false;
    text_clear(&smtp->reply);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM,
                     arena_printf(arena, "<%s>", smtp->server->from_address));
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, smtp->receivers);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)len);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    CURLcode result = curl_easy_perform(curl);
    *ret_words = words(smtp, arena, result);
    smtp->reason = reason_of(smtp, result);
    if (result == CURLE_OK)
        return SMTP_SENT;
    return is_permanent(curl, result) ? SMTP_PERMANENT : SMTP_TEMPORARY;
}

/* The settings: one table says everything about each of them. */
#include "config.h"

#include "log.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { TEXT, NUMBER, CHOICE };

struct setting {
    const char *name;
    const char *text;    /* default of TEXT and CHOICE; NULL = none */
    const char *choices; /* "a|b|c" */
    const char *meaning;
    int64_t number, min, max; /* of NUMBER */
    size_t offset;
    enum kind kind;
};

#define AT(member) .offset = offsetof(struct config, member)
#define SETTING_TEXT(setting, member, value, about)                                      \
    {                                                                                    \
        .name = "MEGURI_" setting, .kind = TEXT, AT(member), .text = (value),            \
        .meaning = (about)                                                               \
    }
#define SETTING_CHOICE(setting, member, value, list, about)                              \
    {                                                                                    \
        .name = "MEGURI_" setting, .kind = CHOICE, AT(member), .text = (value),          \
        .choices = (list), .meaning = (about)                                            \
    }
#define SETTING_NUMBER(setting, member, value, low, high, about)                         \
    {                                                                                    \
        .name = "MEGURI_" setting, .kind = NUMBER, AT(member), .number = (value),        \
        .min = (low), .max = (high), .meaning = (about)                                  \
    }

/* clang-format off */
static const struct setting settings[] = {
    SETTING_TEXT("HOME", home, "var", "directory of local state"),
    SETTING_TEXT("LISTEN", listen, "127.0.0.1:8080", "address and port of the API; port 0 = any free one"),
    SETTING_TEXT("ADMIN_LISTEN", admin_listen, "127.0.0.1:9080", "address and port of /livez, /readyz and /metrics"),
    SETTING_TEXT("DATABASE", database, "", "libpq connection string of this program's login role"),
    SETTING_TEXT("MIGRATE_DATABASE", migrate_database, NULL, "connection string for `meguri migrate` and `meguri admin`; default: MEGURI_DATABASE"),
    SETTING_TEXT("SECRET_FILE", secret_file, NULL, "file of at least 32 random bytes: wraps signing keys, signs cursors"),
    SETTING_TEXT("SECRET_FILE_PREVIOUS", secret_file_previous, NULL, "the secret file before this one: still opens what it sealed, until `meguri admin reseal` has run"),
    SETTING_TEXT("CLOCK", clock_file, NULL, "file with an RFC 3339 instant that is then the time of every rule (tests, what-if)"),
    SETTING_CHOICE("LOG_LEVEL", log_level, "info", "debug|info|warn|error", "least important log lines that are written"),
    SETTING_NUMBER("LOOPS", loops, 0, 0, 64, "event loop threads; 0 = one per core, at most 8"),
    SETTING_TEXT("ISSUER", issuer, "https://meguri.local", "iss of access tokens and base of the metadata"),
    SETTING_TEXT("PUBLIC_URL", public_url, NULL, "address of the API in links that are handed out, as https://meguri.example; default: the address the request was sent to, and mails without links"),
    SETTING_TEXT("AUDIENCE", audience, "meguri", "aud of access tokens"),
    SETTING_NUMBER("ACCESS_TOKEN_SECONDS", access_token_seconds, 300, 10, 86400, "life of an access token"),
    SETTING_NUMBER("REFRESH_TOKEN_DAYS", refresh_token_days, 30, 1, 365, "life of a sign-in without use"),
    SETTING_NUMBER("MEMBERSHIP_CACHE_MS", membership_cache_ms, 2000, 0, 60000, "a removed member is out after at most this many milliseconds"),
    SETTING_NUMBER("RATE_LIMIT", rate_limit, 6000, 0, 1000000000, "requests per minute and caller; 0 = no limit"),
    SETTING_NUMBER("LOGIN_RATE_LIMIT", login_rate_limit, 60, 0, 1000000000, "failed sign-ins and tokens per minute and peer; 0 = no limit"),
    SETTING_NUMBER("OFFLOAD_THREADS", offload_threads, 2, 1, 256, "threads for slow computing (passwords, documents)"),
    SETTING_NUMBER("OFFLOAD_QUEUE", offload_queue, 64, 1, 100000, "slow computations that may wait, then 503"),
    SETTING_NUMBER("DB_READ", read_connections, 1, 1, 64, "database connections for reading, per loop"),
    SETTING_NUMBER("DB_WRITE", write_connections, 16, 1, 1024, "database connections for writing, over all loops"),
    SETTING_NUMBER("DB_SLOW", slow_connections, 1, 1, 64, "database connections for reports and searches, per loop"),
    SETTING_NUMBER("DB_QUEUE", lane_queue, 256, 1, 100000, "requests that may wait per lane of connections, then 503"),
    SETTING_NUMBER("DB_TIMEOUT_MS", statement_timeout_ms, 5000, 10, 600000, "longest statement; ten times that for reports"),
    SETTING_NUMBER("HTTP_CONNECTIONS", max_connections, 20000, 1, 1000000, "HTTP connections in total"),
    SETTING_NUMBER("HTTP_CONNECTIONS_PER_PEER", max_per_peer, 1000, 0, 1000000, "HTTP connections per address; 0 = no limit"),
    SETTING_NUMBER("HTTP_REQUEST_MS", request_timeout_ms, 15000, 100, 600000, "time from the first byte of a request to its last"),
    SETTING_NUMBER("HTTP_IDLE_MS", idle_timeout_ms, 75000, 100, 3600000, "time between two requests of a connection"),
    SETTING_NUMBER("HTTP_BODY_BYTES", body_limit, 1048576, 1024, 1073741824, "largest request body"),
    SETTING_NUMBER("FEEDS", feeds, 500, 0, 100000, "long polls and event streams that may be open at once, then 503"),
    SETTING_TEXT("TLS_CERTIFICATE", tls_certificate, NULL, "PEM chain; with MEGURI_TLS_KEY the API speaks TLS"),
    SETTING_TEXT("TLS_KEY", tls_key, NULL, "PEM private key"),
    SETTING_TEXT("CORS_ORIGINS", cors_origins, "", "exact origins of front ends, comma separated"),
    SETTING_TEXT("SMTP_URL", smtp_url, NULL, "smtp://host:port or smtps://host:port"),
    SETTING_TEXT("SMTP_USER", smtp_user, NULL, "user at the mail server"),
    SETTING_TEXT("SMTP_PASSWORD_FILE", smtp_password_file, NULL, "file with that user's password"),
    SETTING_CHOICE("SMTP_TLS", smtp_tls, "require", "require|try|off", "TLS to the mail server; off only for a loopback host"),
    SETTING_TEXT("SMTP_CA_FILE", smtp_ca_file, NULL, "PEM certificates that the mail server's is checked with; default: the system's"),
    SETTING_TEXT("MAIL_FROM", mail_from, "Meguri <no-reply@localhost.localdomain>", "From of all mail"),
    SETTING_TEXT("WEBHOOK_ALLOW", webhook_allow, NULL, "networks that webhooks may reach on any port although they are not public, as 10.1.0.0/16,127.0.0.1/32"),
    SETTING_TEXT("WEBHOOK_PORTS", webhook_ports, "80,443,8080,8443", "ports of public addresses that webhooks may reach"),
    SETTING_TEXT("WEBHOOK_CA_FILE", webhook_ca_file, NULL, "PEM certificates that webhook receivers are checked with; default: the system's"),
    SETTING_NUMBER("WEBHOOK_THREADS", webhook_threads, 2, 0, 64, "threads that deliver webhooks and do nothing else; 0 = none in this program"),
    SETTING_NUMBER("JOB_THREADS", job_threads, 2, 0, 64, "threads for reminders, delivery and other jobs; 0 = none in this program"),
    SETTING_NUMBER("JOB_POLL_MS", job_poll_ms, 1000, 10, 600000, "pause of an idle job"),
    SETTING_NUMBER("LEASE_SECONDS", lease_seconds, 60, 1, 3600, "a job that is silent for so long loses its work to another"),
    SETTING_NUMBER("STOP_SECONDS", stop_seconds, 20, 0, 600, "time for running requests after SIGTERM"),
};
/* clang-format on */
enum { SETTINGS = sizeof settings / sizeof *settings };

/* Names that the deployment and test scripts of the project use; a trailing '*' stands for any rest. */
static const char *const names_of_scripts[] = {
    "MEGURI_URL",     "MEGURI_EMAIL",          "MEGURI_PASSWORD",    "MEGURI_TOKEN",
    "MEGURI_TEST_*",  "MEGURI_CLUSTER_*",      "MEGURI_ADMIN_DSN",   "MEGURI_ROUTES",
    "MEGURI_PROXY_*", "MEGURI_TENANTS*",       "MEGURI_BENCH_*",     "MEGURI_REGISTERS*",
    "MEGURI_DEMO_*",  "MEGURI_NOTIFICATIONS*", "MEGURI_SCHEDULING*",
};

static bool name_matches(const char *name, size_t len, const char *pattern)
{
    size_t fixed = strlen(pattern);
    if (pattern[fixed - 1] == '*')
        return len >= fixed - 1 && strncmp(name, pattern, fixed - 1) == 0;
    return len == fixed && strncmp(name, pattern, len) == 0;
}

static bool name_known(const char *name, size_t len)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (name_matches(name, len, settings[i].name))
            return true;
    for (size_t i = 0; i < sizeof names_of_scripts / sizeof *names_of_scripts; i++)
        if (name_matches(name, len, names_of_scripts[i]))
            return true;
    return false;
}

static void warn_unknown(void)
{
    for (char **entry = environ; entry && *entry; entry++) {
        size_t len = strcspn(*entry, "=");
        if (strncmp(*entry, "MEGURI_", strlen("MEGURI_")) != 0 || name_known(*entry, len))
            continue;
        char *name = strndup(*entry, len);
        log_event(LOG_LEVEL_WARN, "unknown_setting", "name", name, NULL);
        free(name);
    }
}

static bool parse_number(const struct setting *setting, const char *value, int64_t *ret)
{
    char *end;
    errno = 0;
    intmax_t number = strtoimax(value, &end, 10);
    bool plain = value[0] == '-' || (value[0] >= '0' && value[0] <= '9');
    if (!plain || *end || errno || number < setting->min || number > setting->max)
        return false;
    *ret = number;
    return true;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);
    for (const char *next = choices; next; next = strchr(next, '|')) {
        next += *next == '|';
        if (len > 0 && strcspn(next, "|") == len && strncmp(next, value, len) == 0)
            return true;
    }
    return false;
}

static void add_allowed(struct text *out, const struct setting *setting)
{
    if (setting->kind == TEXT)
        text_adds(out, "text");
    else if (setting->kind == NUMBER)
        text_addf(out, "%" PRId64 "..%" PRId64, setting->min, setting->max);
    else
        for (const char *at = setting->choices; *at; at++)
            text_adds(out, *at == '|' ? ", " : (char[]){*at, '\0'});
}

__attribute__((noreturn)) static void die_bad(const struct setting *setting,
                                              const char *value)
{
    struct text allowed = {0};
    add_allowed(&allowed, setting);
    log_die("bad_setting", "name", setting->name, "value", value, "allowed", allowed.data,
            NULL);
}

static const char **text_at(struct config *config, const struct setting *setting)
{
    return (const char **)(void *)((char *)config + setting->offset);
}

/* A variable that is set but empty is like one that is not set. */
static void load_setting(struct config *config, const struct setting *setting)
{
    const char *value =
        getenv(setting->name); // NOLINT(concurrency-mt-unsafe): one thread yet
    value = value && *value ? value : NULL;
    if (setting->kind == NUMBER) {
        int64_t *at = (int64_t *)(void *)((char *)config + setting->offset);
        *at = setting->number;
        if (value && !parse_number(setting, value, at))
            die_bad(setting, value);
        return;
    }
    if (value && setting->kind == CHOICE && !is_choice(setting->choices, value))
        die_bad(setting, value);
    *text_at(config, setting) = value ? value : setting->text;
}

static bool is_loopback_url(const char *url)
{
    static const char *const hosts[] = {"localhost", "127.", "[::1]"};
    const char *host = strstr(url, "://");
    host = host ? host + 3 : url;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (strncmp(host, hosts[i], strlen(hosts[i])) == 0)
            return strspn(host, "localhost0123456789.[]:/") == strlen(host);
    return false;
}

static void check_together(struct config *config)
{
    if (!config->migrate_database)
        config->migrate_database = config->database;
    if (!config->tls_certificate != !config->tls_key)
        log_die("bad_setting", "name", "MEGURI_TLS_KEY", "allowed",
                "together with MEGURI_TLS_CERTIFICATE", NULL);
    if (config->smtp_url && strcmp(config->smtp_tls, "off") == 0 &&
        !is_loopback_url(config->smtp_url))
        log_die("bad_setting", "name", "MEGURI_SMTP_TLS", "value", "off", "allowed",
                "off only for a mail server on this machine", NULL);
}

const struct config *config_load(void)
{
    static struct config config;
    for (size_t i = 0; i < SETTINGS; i++)
        load_setting(&config, &settings[i]);
    warn_unknown();
    check_together(&config);
    return &config;
}

static void add_default(struct text *out, const struct setting *setting)
{
    if (setting->kind == NUMBER)
        text_addi(out, setting->number);
    else if (setting->text)
        text_adds(out, setting->text);
}

static void add_row(struct text *out, const struct setting *setting)
{
    _text_auto_ struct text value = {0};
    add_default(&value, setting);
    text_addf(out, "| `%s` | ", setting->name);
    if (value.len)
        text_addf(out, "`%s`", value.data);
    text_adds(out, " | ");
    add_allowed(out, setting);
    text_addf(out, " | %s |\n", setting->meaning);
}

static void add_lines(struct text *out, const struct setting *setting)
{
    text_addf(out, "  %s=", setting->name);
    add_default(out, setting);
    if (setting->kind != TEXT) {
        text_adds(out, "  (");
        add_allowed(out, setting);
        text_addc(out, ')');
    }
    text_addf(out, "\n      %s\n", setting->meaning);
}

void config_print(FILE *out, bool markdown)
{
    _text_auto_ struct text all = {0};
    if (markdown)
        text_adds(&all, "| setting | default | allowed | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < SETTINGS; i++)
        (markdown ? add_row : add_lines)(&all, &settings[i]);
    (void)fputs(all.data, out);
}

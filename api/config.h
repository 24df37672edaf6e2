/* Settings from the environment, one table (config.c): name, default, range, meaning. `--help` and the README table are
 * printed from it. Bad values end the program at start with the name, the value and what is allowed. */
#ifndef MEGURI_CONFIG_H
#define MEGURI_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct config {
    const char *home; /* MEGURI_HOME, directory of local state; default "var" */
    const char *
        listen; /* MEGURI_LISTEN 127.0.0.1:8080; port 0 = any, printed in the log event "listening" */
    const char
        *admin_listen; /* MEGURI_ADMIN_LISTEN 127.0.0.1:9080; /livez /readyz /metrics */
    const char
        *database; /* MEGURI_DATABASE libpq conninfo of the login role of this program */
    const char *
        migrate_database; /* MEGURI_MIGRATE_DATABASE conninfo for `meguri migrate` and `meguri admin`; default = database */
    const char *
        secret_file; /* MEGURI_SECRET_FILE >= 32 bytes; wraps signing keys, signs cursors */
    const char *
        secret_file_previous; /* MEGURI_SECRET_FILE_PREVIOUS the one before, while it is being changed */
    const char *clock_file; /* MEGURI_CLOCK */
    const char *log_level;  /* MEGURI_LOG_LEVEL debug|info|warn|error */
    int64_t loops; /* MEGURI_LOOPS event loop threads; 0 = one per core, at most 8 */
    const char
        *issuer; /* MEGURI_ISSUER iss and aud base; default "https://meguri.local" */
    const char *
        public_url; /* MEGURI_PUBLIC_URL address of the API in links; NULL = as the request was sent */
    const char *audience;         /* MEGURI_AUDIENCE default "meguri" */
    int64_t access_token_seconds; /* MEGURI_ACCESS_TOKEN_SECONDS 300 */
    int64_t refresh_token_days;   /* MEGURI_REFRESH_TOKEN_DAYS 30 */
    int64_t
        membership_cache_ms; /* MEGURI_MEMBERSHIP_CACHE_MS 2000: a removed member is out after at most this */
    int64_t rate_limit; /* MEGURI_RATE_LIMIT requests per minute and caller; 0 = off */
    int64_t
        login_rate_limit; /* MEGURI_LOGIN_RATE_LIMIT failed verifications per minute and peer */
    int64_t offload_threads;   /* MEGURI_OFFLOAD_THREADS 2 */
    int64_t offload_queue;     /* MEGURI_OFFLOAD_QUEUE 64 */
    int64_t read_connections;  /* MEGURI_DB_READ 1 per loop */
    int64_t write_connections; /* MEGURI_DB_WRITE 16 in total over all loops */
    int64_t slow_connections;  /* MEGURI_DB_SLOW 1 per loop */
    int64_t lane_queue;        /* MEGURI_DB_QUEUE requests waiting per lane, then 503 */
    int64_t statement_timeout_ms; /* MEGURI_DB_TIMEOUT_MS 5000; slow lane 10x */
    int64_t max_connections;      /* MEGURI_HTTP_CONNECTIONS 20000 in total */
    int64_t max_per_peer; /* MEGURI_HTTP_CONNECTIONS_PER_PEER 1000; 0 = no limit */
    int64_t
        request_timeout_ms; /* MEGURI_HTTP_REQUEST_MS 15000 from first byte to complete message */
    int64_t idle_timeout_ms; /* MEGURI_HTTP_IDLE_MS 75000 */
    int64_t body_limit;      /* MEGURI_HTTP_BODY_BYTES 1048576 */
    int64_t feeds;           /* MEGURI_FEEDS open long polls and streams; 500 */
    const char *
        tls_certificate; /* MEGURI_TLS_CERTIFICATE PEM chain; with key: the listener speaks TLS */
    const char *tls_key;            /* MEGURI_TLS_KEY */
    const char *cors_origins;       /* MEGURI_CORS_ORIGINS comma list of exact origins */
    const char *smtp_url;           /* MEGURI_SMTP_URL smtp://host:port or smtps:// */
    const char *smtp_user;          /* MEGURI_SMTP_USER */
    const char *smtp_password_file; /* MEGURI_SMTP_PASSWORD_FILE */
    const char *
        smtp_tls; /* MEGURI_SMTP_TLS require|try|off; default require, "off" only for a loopback host */
    const char *smtp_ca_file; /* MEGURI_SMTP_CA_FILE */
    const char
        *mail_from; /* MEGURI_MAIL_FROM "Meguri <no-reply@localhost.localdomain>" */
    const char *
        webhook_allow; /* MEGURI_WEBHOOK_ALLOW networks that webhooks may reach beyond the public one */
    const char *webhook_ports;   /* MEGURI_WEBHOOK_PORTS 80,443,8080,8443 */
    const char *webhook_ca_file; /* MEGURI_WEBHOOK_CA_FILE */
    int64_t webhook_threads;     /* MEGURI_WEBHOOK_THREADS 2 */
    int64_t job_threads;         /* MEGURI_JOB_THREADS 2 */
    int64_t job_poll_ms;         /* MEGURI_JOB_POLL_MS 1000 */
    int64_t lease_seconds;       /* MEGURI_LEASE_SECONDS 60 */
    int64_t stop_seconds;        /* MEGURI_STOP_SECONDS 20 */
};

/* Reads the environment; returns a struct that lives as long as the process. */
const struct config *config_load(void);
/* The table as text (`--help`) or as Markdown rows (README). */
void config_print(FILE *out, bool markdown);

#endif

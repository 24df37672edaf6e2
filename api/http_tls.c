/* Moving bytes, plain or through OpenSSL (TLS 1.2 and later, no renegotiation, ALPN http/1.1). Both never block. */
#include "http_internal.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

enum { RECORD_SIZE = 16 * 1024 };

static const unsigned char protocols[] = "\x08http/1.1";

static int choose_protocol(SSL *tls, const unsigned char **ret, unsigned char *ret_len,
                           const unsigned char *offered, unsigned int offered_len,
                           void *arg)
{
    unsigned char *chosen;

    (void)tls;
    (void)arg;
    if (SSL_select_next_proto(&chosen, ret_len, protocols, sizeof protocols - 1, offered,
                              offered_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret = chosen;
    return SSL_TLSEXT_ERR_OK;
}

SSL_CTX *http_tls_new(const char *certificate, const char *key, const char **ret_error)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

    if (tls && key && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) == 1 &&
        SSL_CTX_use_certificate_chain_file(tls, certificate) == 1 &&
        SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) == 1 &&
        SSL_CTX_check_private_key(tls) == 1) {
        SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
        SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
        SSL_CTX_set_alpn_select_cb(tls, choose_protocol, NULL);
        return tls;
    }
    SSL_CTX_free(tls);
    ERR_clear_error();
    *ret_error = "the TLS certificate or its key cannot be used";
    return NULL;
}

void http_tls_free(SSL_CTX *tls)
{
    SSL_CTX_free(tls);
}

bool http_tls_accept(struct http_connection *connection, int fd)
{
    SSL *tls = SSL_new(connection->server->tls);

    if (!tls || SSL_set_fd(tls, fd) != 1) {
        SSL_free(tls);
        return false;
    }
    SSL_set_accept_state(tls);
    connection->tls = tls;
    return true;
}

void http_tls_end(struct http_connection *connection)
{
    if (!connection->tls || !SSL_is_init_finished(connection->tls))
        return;
    ERR_clear_error();
    SSL_shutdown(connection->tls);
    ERR_clear_error();
}

void http_tls_free_connection(struct http_connection *connection)
{
    SSL_free(connection->tls);
    connection->tls = NULL;
}

static ssize_t tls_result(struct http_connection *connection, int n)
{
    const int error = n > 0 ? SSL_ERROR_NONE : SSL_get_error(connection->tls, n);

    if (error != SSL_ERROR_NONE)
        ERR_clear_error();
    switch (error) {
    case SSL_ERROR_NONE:
        return n;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_WANT_WRITE:
        event_add(&connection->write_event, NULL);
        return HTTP_IO_WAIT;
    case SSL_ERROR_WANT_READ:
        return HTTP_IO_WAIT;
    default:
        return HTTP_IO_LOST;
    }
}

static ssize_t plain_result(ssize_t n)
{
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EINTR ? HTTP_IO_WAIT : HTTP_IO_LOST;
}

ssize_t http_io_read(struct http_connection *connection, char *data, size_t len)
{
    if (!connection->tls)
        return plain_result(recv(event_get_fd(&connection->read_event), data, len, 0));
    ERR_clear_error();
    return tls_result(connection, SSL_read(connection->tls, data, (int)len));
}

/* One record: small pieces are joined so that head and body travel together. */
static int join(const struct iovec *pieces, int count, char *record)
{
    size_t len = 0;

    for (int i = 0; i < count && len < RECORD_SIZE; i++) {
        const size_t room = RECORD_SIZE - len;
        const size_t step = pieces[i].iov_len < room ? pieces[i].iov_len : room;

        memcpy(record + len, pieces[i].iov_base, step);
        len += step;
    }
    return (int)len;
}

static ssize_t tls_write(struct http_connection *connection, const struct iovec *pieces,
                         int count)
{
    char *record = connection->server->scratch + HTTP_READ_SIZE;
    ssize_t n;

    ERR_clear_error();
    n = tls_result(connection,
                   SSL_write(connection->tls, record, join(pieces, count, record)));
    return n == 0 ? HTTP_IO_LOST : n;
}

ssize_t http_io_write(struct http_connection *connection, struct iovec *pieces, int count)
{
    const struct msghdr message = {.msg_iov = pieces, .msg_iovlen = (size_t)count};

    if (connection->tls)
        return tls_write(connection, pieces, count);
    return plain_result(
        sendmsg(event_get_fd(&connection->read_event), &message, MSG_NOSIGNAL));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler sees of a request, and the answers it can give. */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "crypt/tls.h"
#include "http/conn.h"

static const struct {
	int status;
	const char *text;
} REASONS[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

static const char *reason(int status)
{
	for (size_t i = 0; i < sizeof(REASONS) / sizeof(REASONS[0]); i++)
		if (REASONS[i].status == status)
			return REASONS[i].text;
	return "Status";
}

enum http_method http_method(const struct http_request *rq)
{
	return rq->head.method;
}

struct str http_path(const struct http_request *rq)
{
	return rq->head.path;
}

struct str http_query(const struct http_request *rq)
{
	return rq->head.query;
}

struct str http_header(const struct http_request *rq, const char *name)
{
	struct str want = str_c(name);

	for (size_t i = 0; i < rq->head.count; i++)
		if (str_eq_nocase(rq->head.fields[i].name, want))
			return rq->head.fields[i].value;
	return STR_NONE;
}

struct str http_body(const struct http_request *rq)
{
	return buf_str(&rq->body);
}

enum err http_body_fd(int *out, const struct http_request *rq, struct fault *fault)
{
	struct str rest = http_body(rq);
	int fd = memfd_create("body", MFD_CLOEXEC);
	int saved;

	while (fd >= 0 && rest.n) {
		ssize_t n = write(fd, rest.p, rest.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		rest = str_from(rest, (size_t)n);
	}
	if (fd >= 0 && rest.n == 0) {
		*out = fd;
		return OK;
	}
	saved = errno;
	if (fd >= 0)
		(void)close(fd);
	return fail(fault, saved == ENOSPC || saved == ENOMEM ? ERR_NOMEM : ERR_IO,
	    "no memory for a body of %zu bytes", rq->body.n);
}

struct arena *http_arena(struct http_request *rq)
{
	return rq->arena;
}

struct str http_peer(const struct http_request *rq)
{
	return str_c(rq->conn->peer);
}

bool http_secure(const struct http_request *rq)
{
	return rq->conn->ssl != NULL;
}

bool http_client_cert(const struct http_request *rq, struct sha256 *out)
{
	struct http_conn *c = rq->conn;

	if (!c->looked_for_cert) {
		c->have_cert = c->ssl && tls_peer_fingerprint(c->ssl, &c->cert);
		c->looked_for_cert = true;
	}
	if (c->have_cert)
		*out = c->cert;
	return c->have_cert;
}

/* No value may start a line of its own: control characters go. */
static void put_clean(struct buf *to, struct str value)
{
	size_t from = 0;

	for (size_t i = 0; i < value.n; i++) {
		if ((unsigned char)value.p[i] >= 0x20 && value.p[i] != 0x7f)
			continue;
		buf_put(to, str_slice(value, from, i));
		from = i + 1;
	}
	buf_put(to, str_from(value, from));
}

/* Decimal digits; every answer needs a few, and printf is slow. */
static void put_number(struct buf *to, size_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	buf_put(to, (struct str){digits + at, sizeof(digits) - at});
}

void http_set(struct http_request *rq, const char *name, struct str value)
{
	buf_put(&rq->headers, str_c(name));
	buf_put(&rq->headers, S(": "));
	put_clean(&rq->headers, value);
	buf_put(&rq->headers, S("\r\n"));
}

static void put_head(struct http_conn *c, int status)
{
	struct buf *head = &c->out.head;

	buf_printf(
	    head, "HTTP/1.1 %d %s\r\nDate: %s\r\n", status, reason(status), server_date(c->server));
	buf_put(head, buf_str(&c->rq.headers));
	if (c->last)
		buf_put(head, S("Connection: close\r\n"));
	else if (c->rq.head.old)
		buf_put(head, S("Connection: keep-alive\r\n"));
}

void http_reply_add(struct http_request *rq, struct str part)
{
	out_copy(&rq->conn->out, part);
}

void http_reply_ref(struct http_request *rq, struct str part)
{
	out_ref(&rq->conn->out, part);
}

void http_reply_send(struct http_request *rq, int status)
{
	struct http_conn *c = rq->conn;

	/* A body cut short would be taken for whole: say instead that there was no memory. */
	if (c->out.copied.failed != OK || rq->headers.failed != OK) {
		out_drop_body(&c->out);
		buf_reset(&rq->headers);
		status = 503;
	}
	put_head(c, status);
	if (status != 204 && status != 304) {
		buf_put(&c->out.head, S("Content-Length: "));
		put_number(&c->out.head, c->out.bytes);
		buf_put(&c->out.head, S("\r\n"));
	}
	buf_put(&c->out.head, S("\r\n"));
	if (rq->head.method == HTTP_HEAD || status == 204 || status == 304)
		out_drop_body(&c->out);
	conn_answered(c);
}

void http_reply(struct http_request *rq, int status, struct str body)
{
	http_reply_add(rq, body);
	http_reply_send(rq, status);
}

void reply_refuse(struct http_conn *c, int status)
{
	out_reset(&c->out);
	buf_reset(&c->rq.headers);
	arena_reset(c->rq.arena);
	buf_free(&c->rq.body);
	put_head(c, status);
	buf_printf(&c->out.head,
	    "Content-Type: text/plain; charset=utf-8\r\nContent-Length: %zu\r\n\r\n%s\n",
	    str_c(reason(status)).n + 1, reason(status));
}

enum err http_stream_start(struct http_request *rq, void (*closed)(void *ctx), void *ctx)
{
	struct http_conn *c = rq->conn;

	if (rq->head.method == HTTP_HEAD)
		return ERR_UNSUPPORTED;
	c->last = true;
	put_head(c, 200);
	buf_put(
	    &c->out.head, S("Content-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n"));
	buf_free(&rq->body);
	rq->closed = closed;
	rq->closed_ctx = ctx;
	c->state = CONN_STREAM;
	if (!c->pumping)
		conn_watch(c);
	return OK;
}

static bool stream_has_room(const struct http_conn *c, size_t n)
{
	return c->out.bytes + n <= HTTP_STREAM_QUEUE_MAX;
}

enum err http_stream_send(struct http_request *rq, struct str id, struct str event, struct str data)
{
	struct http_conn *c = rq->conn;

	if (!stream_has_room(c, 2 * data.n + id.n + event.n + 32))
		return ERR_BUSY;
	if (id.p) {
		out_copy(&c->out, S("id: "));
		out_copy(&c->out, id);
		out_copy(&c->out, S("\n"));
	}
	out_copy(&c->out, S("event: "));
	out_copy(&c->out, event);
	for (struct str rest = data; rest.p;) {
		out_copy(&c->out, S("\ndata: "));
		out_copy(&c->out, str_cut(&rest, '\n'));
	}
	out_copy(&c->out, S("\n\n"));
	conn_watch(c);
	return OK;
}

enum err http_stream_ping(struct http_request *rq)
{
	if (!stream_has_room(rq->conn, 8))
		return ERR_BUSY;
	out_copy(&rq->conn->out, S(": ping\n\n"));
	conn_watch(rq->conn);
	return OK;
}

void http_stream_end(struct http_request *rq)
{
	rq->closed = NULL;
	conn_answered(rq->conn);
}

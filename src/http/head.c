/* SPDX-License-Identifier: Apache-2.0 */
#include "http/head.h"

#include "http/server.h"

static const struct {
	struct str name;
	enum http_method method;
} METHODS[] = {
    {S("GET"), HTTP_GET},
    {S("HEAD"), HTTP_HEAD},
    {S("POST"), HTTP_POST},
    {S("PUT"), HTTP_PUT},
    {S("PATCH"), HTTP_PATCH},
    {S("DELETE"), HTTP_DELETE},
    {S("OPTIONS"), HTTP_OPTIONS},
};

enum { METHOD_BYTES_MAX = 32, TRAILER_BYTES_MAX = 8 << 10 };

/* RFC 9110 §5.6.2 */
static bool is_token(char c)
{
	bool alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

	return alnum || (c && str_find(S("!#$%&'*+-.^_`|~"), c) < 15);
}

static bool all_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_token(s.p[i]))
			return false;
	return s.n > 0;
}

size_t http_head_end(struct str bytes, size_t from)
{
	size_t start = from > 3 ? from - 3 : 0;
	size_t at = start + str_search(str_from(bytes, start), S("\r\n\r\n"));

	return at < bytes.n ? at + 4 : 0;
}

/* The next line without its CRLF; STR_NONE when a CR or LF stands alone. */
static struct str next_line(struct str *rest)
{
	size_t at = str_find(*rest, '\n');
	struct str line;

	if (at == rest->n || at == 0 || rest->p[at - 1] != '\r')
		return STR_NONE;
	line = str_slice(*rest, 0, at - 1);
	*rest = str_from(*rest, at + 1);
	return str_find(line, '\r') < line.n ? STR_NONE : line;
}

static int read_target(struct http_head *out, struct str target)
{
	size_t question;

	if (target.n > HTTP_TARGET_MAX)
		return 414;
	for (size_t i = 0; i < target.n; i++)
		if (target.p[i] <= 0x20 || target.p[i] >= 0x7f || target.p[i] == '#')
			return 400;
	/* The absolute form, which proxies send: the authority is of no interest. */
	if (str_starts(target, S("http://")) || str_starts(target, S("https://"))) {
		target = str_from(target, str_search(target, S("//")) + 2);
		target = str_from(target, str_find(target, '/'));
		if (target.n == 0)
			target = S("/");
	}
	if (target.n == 0 || (target.p[0] != '/' && !str_eq(target, S("*"))))
		return 400;
	question = str_find(target, '?');
	out->path = str_slice(target, 0, question);
	out->query = question < target.n ? str_from(target, question + 1) : STR_NONE;
	return 0;
}

static int read_request_line(struct http_head *out, struct str line)
{
	struct str rest = line;
	struct str method = str_cut(&rest, ' ');
	struct str target = str_cut(&rest, ' ');
	int status;

	if (!all_token(method) || method.n > METHOD_BYTES_MAX || !rest.p)
		return 400;
	out->method = HTTP_OTHER;
	for (size_t i = 0; i < sizeof(METHODS) / sizeof(METHODS[0]); i++)
		if (str_eq(METHODS[i].name, method))
			out->method = METHODS[i].method;
	status = read_target(out, target);
	if (status)
		return status;
	out->old = str_eq(rest, S("HTTP/1.0"));
	out->keep_alive = str_eq(rest, S("HTTP/1.1"));
	if (!out->old && !out->keep_alive)
		return str_starts(rest, S("HTTP/")) ? 505 : 400;
	return 0;
}

static int read_field(struct http_head *out, struct str line)
{
	size_t colon = str_find(line, ':');
	struct str name = str_slice(line, 0, colon);
	struct str value = str_trim(str_from(line, colon + 1));

	if (colon == line.n || !all_token(name))
		return 400;
	for (size_t i = 0; i < value.n; i++)
		if (((unsigned char)value.p[i] < 0x20 && value.p[i] != '\t') || value.p[i] == 0x7f)
			return 400;
	if (out->count == out->fields_max)
		return 431;
	out->fields[out->count++] = (struct http_field){name, value};
	return 0;
}

/* The fields that decide where the message ends must each be there at most once. */
struct framing {
	bool length, coding, host;
};

static int frame_length(struct http_head *out, struct framing *seen, struct str value)
{
	if (seen->length || str_u64(value, &out->length) != OK)
		return 400;
	seen->length = true;
	out->has_length = true;
	return 0;
}

static int frame_coding(struct http_head *out, struct framing *seen, struct str value)
{
	if (seen->coding || out->old)
		return 400;
	seen->coding = true;
	out->chunked = str_eq_nocase(value, S("chunked"));
	return out->chunked ? 0 : 501;
}

static int frame_connection(struct http_head *out, struct framing *seen, struct str value)
{
	(void)seen;
	for (struct str rest = value; rest.p;) {
		struct str option = str_trim(str_cut(&rest, ','));

		if (str_eq_nocase(option, S("close"))) {
			out->keep_alive = false;
			return 0;
		}
		if (str_eq_nocase(option, S("keep-alive")))
			out->keep_alive = true;
	}
	return 0;
}

static int frame_expect(struct http_head *out, struct framing *seen, struct str value)
{
	(void)seen;
	out->wait_continue = !out->old;
	return str_eq_nocase(value, S("100-continue")) ? 0 : 417;
}

static int frame_host(struct http_head *out, struct framing *seen, struct str value)
{
	(void)out;
	(void)value;
	if (seen->host)
		return 400;
	seen->host = true;
	return 0;
}

static const struct {
	struct str name;
	int (*read)(struct http_head *out, struct framing *seen, struct str value);
} FRAMING[] = {
    {S("content-length"), frame_length},
    {S("transfer-encoding"), frame_coding},
    {S("connection"), frame_connection},
    {S("expect"), frame_expect},
    {S("host"), frame_host},
};

static int read_framing(struct http_head *out)
{
	struct framing seen = {0};

	for (size_t i = 0; i < out->count; i++) {
		for (size_t k = 0; k < sizeof(FRAMING) / sizeof(FRAMING[0]); k++) {
			int status = 0;

			if (str_eq_nocase(out->fields[i].name, FRAMING[k].name))
				status = FRAMING[k].read(out, &seen, out->fields[i].value);
			if (status)
				return status;
		}
	}
	return seen.length && seen.coding ? 400 : 0;
}

static int read_fields(struct http_head *out, struct str rest)
{
	for (;;) {
		struct str line = next_line(&rest);
		int status;

		if (!line.p)
			return 400;
		if (line.n == 0)
			return read_framing(out);
		status = read_field(out, line);
		if (status)
			return status;
	}
}

int http_head_parse(struct http_head *out, struct str bytes)
{
	struct str rest = bytes;
	struct http_head head = {.fields = out->fields, .fields_max = out->fields_max};
	int status = read_request_line(&head, next_line(&rest));

	if (!status)
		status = read_fields(&head, rest);
	if (!status)
		*out = head;
	return status;
}

/* "HTTP/1.1 200 OK"; what stands behind the number is for people. */
static bool read_status_line(struct http_head *out, unsigned *status, struct str line)
{
	struct str rest = line;
	struct str version = str_cut(&rest, ' ');
	struct str number = str_cut(&rest, ' ');
	uint64_t n;

	out->old = str_eq(version, S("HTTP/1.0"));
	if ((!out->old && !str_eq(version, S("HTTP/1.1"))) || number.n != 3 ||
	    str_u64(number, &n) != OK || n < 100 || n > 599)
		return false;
	*status = (unsigned)n;
	return true;
}

bool http_answer_parse(struct http_head *out, unsigned *status, struct str bytes)
{
	struct str rest = bytes;
	struct http_head head = {.fields = out->fields, .fields_max = out->fields_max};
	unsigned n;

	if (!read_status_line(&head, &n, next_line(&rest)) || read_fields(&head, rest) != 0)
		return false;
	*out = head;
	*status = n;
	return true;
}

enum {
	AT_SIZE,
	AT_SIZE_MORE,
	AT_EXTENSION,
	AT_SIZE_LF,
	AT_DATA,
	AT_CR,
	AT_LF,
	AT_TRAILER,
	AT_LINE
};

/* One byte of a chunk's size line: "1a;ext=x\r\n". */
static enum http_chunks_result size_byte(struct http_chunks *c, char byte)
{
	int digit = str_hex_digit(byte);

	if (c->state == AT_SIZE_LF) {
		c->state = c->left ? AT_DATA : AT_TRAILER;
		return byte == '\n' ? HTTP_CHUNKS_MORE : HTTP_CHUNKS_BAD;
	}
	if (byte == '\r' && c->state != AT_SIZE) {
		c->state = AT_SIZE_LF;
		return HTTP_CHUNKS_MORE;
	}
	if (c->state == AT_EXTENSION) {
		c->trailer++;
		return byte == '\n' || c->trailer > TRAILER_BYTES_MAX ? HTTP_CHUNKS_BAD
		                                                      : HTTP_CHUNKS_MORE;
	}
	if (digit >= 0) {
		c->state = AT_SIZE_MORE;
		if (c->left >> 48)
			return HTTP_CHUNKS_BAD;
		c->left = c->left << 4 | (unsigned)digit;
		return HTTP_CHUNKS_MORE;
	}
	if (c->state == AT_SIZE || (byte != ';' && byte != ' ' && byte != '\t'))
		return HTTP_CHUNKS_BAD;
	c->state = AT_EXTENSION;
	return HTTP_CHUNKS_MORE;
}

/* One byte of what follows: the end of a chunk, or trailer lines up to an empty one. */
static enum http_chunks_result tail_byte(struct http_chunks *c, char byte)
{
	switch (c->state) {
	case AT_CR:
		c->state = AT_LF;
		return byte == '\r' ? HTTP_CHUNKS_MORE : HTTP_CHUNKS_BAD;
	case AT_LF:
		c->state = AT_SIZE;
		return byte == '\n' ? HTTP_CHUNKS_MORE : HTTP_CHUNKS_BAD;
	default:
		break;
	}
	if (++c->trailer > TRAILER_BYTES_MAX)
		return HTTP_CHUNKS_BAD;
	if (byte == '\n') {
		if (c->state == AT_TRAILER)
			return HTTP_CHUNKS_DONE;
		c->state = AT_TRAILER;
	} else if (byte != '\r') {
		c->state = AT_LINE;
	}
	return HTTP_CHUNKS_MORE;
}

enum http_chunks_result http_chunks_feed(
    struct http_chunks *c, struct str in, struct buf *body, size_t *used)
{
	enum http_chunks_result result = HTTP_CHUNKS_MORE;
	size_t at = 0;

	while (at < in.n && result == HTTP_CHUNKS_MORE) {
		if (c->state == AT_DATA) {
			struct str part = str_slice(in, at, in.n);

			if (part.n >= c->left) {
				part.n = (size_t)c->left;
				c->state = AT_CR;
			}
			buf_put(body, part);
			if (body->failed != OK)
				result = HTTP_CHUNKS_BIG;
			at += part.n;
			c->left -= part.n;
		} else if (c->state <= AT_SIZE_LF) {
			result = size_byte(c, in.p[at++]);
		} else {
			result = tail_byte(c, in.p[at++]);
		}
	}
	*used = at;
	return result;
}

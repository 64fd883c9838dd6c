/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json.h"

#include <math.h>
#include <stdio.h>

#include "codec/jcs.h"
#include "codec/time.h"
#include "codec/utf8.h"

struct json_writer json_writer(struct buf *out)
{
	return (struct json_writer){.out = out};
}

/* Bytes from `at` that need neither escaping nor checking. */
static size_t plain_run(struct str s, size_t at)
{
	size_t i = at;

	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
			break;
		i++;
	}
	return i - at;
}

static void put_escape(struct buf *out, unsigned char c)
{
	static const char SHORT[0x20] = {
	    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
	char letter = c < 0x20 ? SHORT[c] : (char)c;

	if (!letter) {
		buf_printf(out, "\\u%04x", c);
		return;
	}
	buf_byte(out, '\\');
	buf_byte(out, letter);
}

void json_quote(struct buf *out, struct str s)
{
	buf_byte(out, '"');
	for (size_t at = 0; at < s.n;) {
		size_t n = plain_run(s, at);

		buf_put(out, str_slice(s, at, at + n));
		at += n;
		if (at == s.n)
			break;
		if ((unsigned char)s.p[at] < 0x80) {
			put_escape(out, (unsigned char)s.p[at++]);
			continue;
		}
		n = utf8_char(s, at);
		buf_put(out, n ? str_slice(s, at, at + n) : S("\xef\xbf\xbd"));
		at += n ? n : 1;
	}
	buf_byte(out, '"');
}

static void start(struct json_writer *w, const char *key)
{
	if (w->comma)
		buf_byte(w->out, ',');
	w->comma = true;
	if (!key)
		return;
	json_quote(w->out, str_c(key));
	buf_byte(w->out, ':');
}

static void open_with(struct json_writer *w, const char *key, char bracket)
{
	start(w, key);
	buf_byte(w->out, bracket);
	w->comma = false;
}

static void close_with(struct json_writer *w, char bracket)
{
	buf_byte(w->out, bracket);
	w->comma = true;
}

void json_object(struct json_writer *w, const char *key)
{
	open_with(w, key, '{');
}

void json_list(struct json_writer *w, const char *key)
{
	open_with(w, key, '[');
}

void json_end_object(struct json_writer *w)
{
	close_with(w, '}');
}

void json_end_list(struct json_writer *w)
{
	close_with(w, ']');
}

void json_put_str(struct json_writer *w, const char *key, struct str value)
{
	start(w, key);
	json_quote(w->out, value);
}

void json_put_int(struct json_writer *w, const char *key, int64_t value)
{
	start(w, key);
	buf_printf(w->out, "%lld", (long long)value);
}

void json_put_real(struct json_writer *w, const char *key, double value)
{
	char text[JCS_NUMBER_MAX];

	start(w, key);
	buf_put(w->out, isfinite(value) ? jcs_number(text, value) : S("null"));
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
	start(w, key);
	buf_put(w->out, value ? S("true") : S("false"));
}

void json_put_null(struct json_writer *w, const char *key)
{
	start(w, key);
	buf_put(w->out, S("null"));
}

void json_put_raw(struct json_writer *w, const char *key, struct str json)
{
	start(w, key);
	buf_put(w->out, json);
}

void json_put_time(struct json_writer *w, const char *key, int64_t when)
{
	char text[TIME_TEXT + 1];

	time_format(text, when);
	json_put_str(w, key, (struct str){text, TIME_TEXT});
}

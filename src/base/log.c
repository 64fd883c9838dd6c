/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <unistd.h>

#include "base/buf.h"

enum { LINE_MAX_BYTES = 4096 };

static const char *const LEVELS[] = {"alert", "error", "warning", "info", "debug"};

static void put_string(struct buf *b, struct str s)
{
	buf_byte(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			buf_printf(b, "\\u%04x", c);
		else
			buf_byte(b, (char)c);
	}
	buf_byte(b, '"');
}

void log_event(const struct log *log, enum log_level level, const char *event,
    const struct log_pair *pairs, size_t count)
{
	struct buf b;

	if (!log || level > log->level)
		return;
	buf_init(&b, LINE_MAX_BYTES);
	buf_printf(&b, "{\"time\":%lld,\"level\":\"%s\",\"role\":", (long long)env_now(log->env),
	    LEVELS[level]);
	put_string(&b, log->role);
	buf_put(&b, S(",\"event\":"));
	put_string(&b, str_c(event));
	for (size_t i = 0; i < count; i++) {
		buf_byte(&b, ',');
		put_string(&b, str_c(pairs[i].key));
		buf_byte(&b, ':');
		put_string(&b, pairs[i].value);
	}
	buf_put(&b, S("}\n"));
	if (b.failed == OK) {
		/* A log line that cannot be written has nowhere to be reported. */
		ssize_t ignored = write(log->fd, b.p, b.n);

		(void)ignored;
	}
	buf_free(&b);
}

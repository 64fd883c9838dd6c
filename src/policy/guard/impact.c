/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/guard/impact.h"

bool impact_refuses(const struct impact *seen, const struct impact_limits *limits)
{
	return (limits->events && seen->events >= limits->events) ||
	       (limits->hosts && seen->hosts >= limits->hosts);
}

/* With a comma before every three digits. */
static void put_number(struct buf *out, uint64_t n)
{
	uint64_t unit = 1;

	while (n / unit >= 1000)
		unit *= 1000;
	buf_printf(out, "%u", (unsigned)(n / unit));
	for (; unit > 1; unit /= 1000)
		buf_printf(out, ",%03u", (unsigned)(n / (unit / 1000) % 1000));
}

void impact_put(struct buf *out, const struct impact *seen)
{
	buf_put(out, S("would have hit "));
	put_number(out, seen->events);
	buf_put(out, S(" events"));
	if (seen->hosts > 0) {
		buf_put(out, S(" of about "));
		put_number(out, seen->hosts);
		buf_put(out, seen->hosts == 1 ? S(" host") : S(" hosts"));
	}
	buf_put(out, S(" in 24 hours"));
}

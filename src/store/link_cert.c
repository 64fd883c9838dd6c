/* SPDX-License-Identifier: Apache-2.0 */
#include "store/link_cert.h"

#include "codec/time.h"

enum { TEXT_MAX = 512, IDENTITY_MAX = 255 };

void link_cert_text(struct buf *out, const struct link_cert *c)
{
	char when[TIME_TEXT + 1];

	time_format(when, c->time);
	buf_put(out, LINK_CERT_HEAD);
	buf_printf(out, "%.*s\n%s\n%.*s\n", STR_ARG(c->identity), when, STR_ARG(c->cert));
}

static bool is_fingerprint(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n == LINK_CERT_HEX;
}

/* Signatures stand behind an empty line. */
static bool spelled_as(struct str text, const struct link_cert *c)
{
	struct buf again;
	bool same;

	buf_init(&again, TEXT_MAX);
	link_cert_text(&again, c);
	same = again.failed == OK && str_starts(text, buf_str(&again)) &&
	       (text.n == again.n || text.p[again.n] == '\n');
	buf_free(&again);
	return same;
}

enum err link_cert_read(struct link_cert *out, struct str text, struct fault *fault)
{
	struct str rest = str_from(text, LINK_CERT_HEAD.n);
	struct link_cert c = {.time = 0};
	struct str when;

	if (!str_starts(text, LINK_CERT_HEAD))
		return fail(fault, ERR_PARSE, "link certificate: not such a statement");
	c.identity = str_cut(&rest, '\n');
	when = str_cut(&rest, '\n');
	c.cert = str_cut(&rest, '\n');
	if (c.identity.n == 0 || c.identity.n > IDENTITY_MAX ||
	    time_parse_utc(&c.time, when) != OK || !is_fingerprint(c.cert) || !spelled_as(text, &c))
		return fail(fault, ERR_PARSE, "link certificate: not in its one form");
	*out = c;
	return OK;
}

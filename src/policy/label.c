/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/label.h"

#include "base/rd.h"

enum { ENCODING_VERSION = 1 };
enum { FIELD_TLP = 1 };

static const struct label MOST_RESTRICTIVE = {.tlp = TLP_UNKNOWN};

/* A value from outside the enum is a level nobody knows. */
static enum tlp tlp_known(enum tlp t)
{
	return t >= TLP_CLEAR && t <= TLP_UNKNOWN ? t : TLP_UNKNOWN;
}

size_t label_encode(const struct label *l, char out[LABEL_ENCODED_MAX])
{
	out[0] = ENCODING_VERSION;
	out[1] = FIELD_TLP;
	out[2] = 1;
	out[3] = (char)tlp_known(l->tlp);
	return 4;
}

struct label label_decode(struct str bytes)
{
	struct rd r = rd_of(bytes);
	struct label out = {.tlp = TLP_NONE};

	if (rd_u8(&r) != ENCODING_VERSION)
		return MOST_RESTRICTIVE;
	while (!r.failed && r.n > 0) {
		uint8_t tag = rd_u8(&r);
		uint8_t length = rd_u8(&r);

		/* One level, once; any other field may restrict in a way not understood here. */
		if (tag != FIELD_TLP || length != 1 || out.tlp != TLP_NONE)
			return MOST_RESTRICTIVE;
		out.tlp = tlp_known((enum tlp)rd_u8(&r));
	}
	return r.failed || out.tlp == TLP_NONE ? MOST_RESTRICTIVE : out;
}

struct label label_join(const struct label *a, const struct label *b)
{
	enum tlp x = tlp_known(a->tlp);
	enum tlp y = tlp_known(b->tlp);

	return (struct label){.tlp = x > y ? x : y};
}

struct label label_of(enum tlp markings, const struct label *fallback)
{
	struct label own = {.tlp = tlp_known(markings)};

	if (markings == TLP_NONE)
		return fallback ? label_join(fallback, fallback) : MOST_RESTRICTIVE;
	return own;
}

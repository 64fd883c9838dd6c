/* SPDX-License-Identifier: Apache-2.0 */
#include "analytics/finding.h"

#include <string.h>

#define FACT_MAX (UINT64_C(1) << 53)

/* What findings name beside the host. */
enum names { NAMES_HOST, NAMES_PEER, NAMES_PEER_OR_PORT, NAMES_DOMAIN };

static const struct {
	const char *name;
	enum names names;
} ROWS[DETECTORS] = {
    [DETECTOR_BEACON] = {"beacon", NAMES_PEER},
    [DETECTOR_RARE] = {"rare", NAMES_PEER},
    [DETECTOR_SCAN] = {"scan", NAMES_PEER_OR_PORT},
    [DETECTOR_BURST] = {"burst", NAMES_HOST},
    [DETECTOR_TUNNEL] = {"tunnel", NAMES_DOMAIN},
    [DETECTOR_MADE] = {"made-names", NAMES_HOST},
};

const char *detector_name(enum detector d)
{
	return ROWS[d].name;
}

struct str finding_name(const struct finding *f)
{
	return (struct str){f->name, f->name_n};
}

bool finding_name_may_hold(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

static void put_text(struct buf *out, struct str s)
{
	buf_u32(out, (uint32_t)s.n);
	buf_put(out, s);
}

void finding_put(struct buf *out, const struct finding *f)
{
	buf_u8(out, (uint8_t)f->detector);
	put_text(out, address_bytes(&f->host));
	put_text(out, address_bytes(&f->peer));
	put_text(out, finding_name(f));
	buf_u16(out, f->port);
	buf_u64(out, (uint64_t)f->first);
	buf_u64(out, (uint64_t)f->last);
	buf_u64(out, f->count);
	for (size_t i = 0; i < FINDING_FACTS; i++)
		buf_u64(out, f->facts[i]);
}

static bool get_address(struct address *out, struct rd *in)
{
	struct str bytes = rd_text(in);

	if (bytes.n != 0 && bytes.n != 4 && bytes.n != 16)
		return false;
	*out = (struct address){.n = (uint8_t)bytes.n};
	if (bytes.n)
		memcpy(out->b, bytes.p, bytes.n);
	return true;
}

/* As events have names: lower-case ASCII that shows. */
static bool get_name(struct finding *out, struct rd *in)
{
	struct str name = rd_text(in);

	if (name.n > FINDING_NAME_MAX)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (!finding_name_may_hold(c))
			return false;
		out->name[i] = c;
	}
	out->name_n = (uint8_t)name.n;
	return true;
}

static bool names_what_it_should(const struct finding *f)
{
	bool peer = f->peer.n > 0, port = f->port > 0, domain = f->name_n > 0;

	switch (ROWS[f->detector].names) {
	case NAMES_PEER:
		return peer && !domain;
	case NAMES_PEER_OR_PORT:
		return peer != port && !domain;
	case NAMES_DOMAIN:
		return domain && !peer && !port;
	default:
		return !peer && !port && !domain;
	}
}

bool finding_get(struct finding *out, struct rd *in)
{
	unsigned detector = rd_u8(in);
	bool sound = detector < DETECTORS && get_address(&out->host, in) &&
	             get_address(&out->peer, in) && get_name(out, in);

	if (!sound)
		return false;
	out->detector = (enum detector)detector;
	out->port = rd_u16(in);
	out->first = (usec)rd_u64(in);
	out->last = (usec)rd_u64(in);
	out->count = rd_u64(in);
	for (size_t i = 0; i < FINDING_FACTS; i++) {
		out->facts[i] = rd_u64(in);
		sound &= out->facts[i] <= FACT_MAX;
	}
	return sound && !in->failed && out->host.n && names_what_it_should(out) &&
	       out->first >= 0 && out->first <= out->last && out->last <= (usec)FACT_MAX &&
	       out->count > 0 && out->count <= FACT_MAX;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The label as a value: its bytes and the lattice. Fields stand in the order of their tags and only
 * when they say something, so that equal labels have equal bytes. */
#include "policy/label.h"

#include <string.h>

#include "base/rd.h"

enum { ENCODING_VERSION = 1 };

enum field {
	FIELD_TLP = 1,
	FIELD_EU,
	FIELD_NATO,
	FIELD_NATIONAL, /* country, country, level; again */
	FIELD_FLAGS,
	FIELD_HANDLING, /* pap, action, notify, attribution, personal */
	FIELD_HOPS,
	FIELD_EXPIRY,
	FIELD_ORIGINATOR,
	FIELD_RELEASABLE,
	FIELD_COMMUNITIES,
	FIELD_TAGS,
};

enum {
	FLAG_UNREADABLE = 1,
	FLAG_EXERCISE = 2,
	FLAG_MEMBERS = 4,
	FLAG_NOBODY = 8,
	FLAG_PRECEDENCE = 16, /* two bits: enum precedence */
	FLAGS_ALL = 63,
};
enum { HANDLING_BYTES = 5, NATIONAL_BYTES = 3 };

struct label label_most_restrictive(void)
{
	return (struct label){.tlp = TLP_UNKNOWN, .unreadable = true, .outside = OUTSIDE_NOBODY};
}

/* A value from outside the enum is a level nobody knows, and no level at all is one too. */
enum tlp label_tlp(const struct label *l)
{
	if (l->tlp == TLP_NONE && levels_any(&l->levels))
		return TLP_NONE;
	return l->tlp >= TLP_CLEAR && l->tlp <= TLP_UNKNOWN ? l->tlp : TLP_UNKNOWN;
}

/* Who outside gets what names nobody: of AMBER nobody does, of GREEN those one shares a community
 * with; from AMBER+STRICT on a community is not enough of a name. */
static enum outside outside_of_level(const struct label *l)
{
	bool named = l->releasable.present || l->communities.present;

	if (l->tlp >= TLP_AMBER_STRICT)
		return l->releasable.present ? OUTSIDE_ANY : OUTSIDE_NOBODY;
	if (l->tlp == TLP_AMBER || levels_any(&l->levels))
		return named ? OUTSIDE_ANY : OUTSIDE_NOBODY;
	return l->tlp == TLP_GREEN && !named ? OUTSIDE_MEMBERS : OUTSIDE_ANY;
}

enum outside label_outside(const struct label *l)
{
	enum outside own = outside_of_level(l);

	return l->outside > own ? (enum outside)l->outside : own;
}

/* The one form of a label. */
static struct label settled(const struct label *l)
{
	struct label out = *l;

	if (out.unreadable || !levels_valid(&out.levels))
		return label_most_restrictive();
	out.tlp = label_tlp(l);
	out.outside = (uint8_t)label_outside(&out);
	return out;
}

uint8_t label_hops(const struct label *l)
{
	return (uint8_t)(LABEL_HOPS_ANY - l->hops_less);
}

void label_set_hops(struct label *l, uint8_t hops)
{
	l->hops_less = (uint8_t)(LABEL_HOPS_ANY - hops);
}

struct str label_releasable(const struct label *l)
{
	return (struct str){l->releasable.set, l->releasable.n};
}

struct str label_communities(const struct label *l)
{
	return (struct str){l->communities.set, l->communities.n};
}

struct str label_tags(const struct label *l)
{
	return (struct str){l->tags, l->tags_n};
}

/* `other` is what the names of the other half of the audience take. */
static enum err add_audience(struct label_names *names, size_t other, struct str text)
{
	struct name name;
	size_t n = names->n;

	if (text.p) {
		TRY(name_encode(&name, text));
		TRY(names_add(names->set, &n, LABEL_AUDIENCE_MAX - other, &name));
	}
	names->n = (uint8_t)n;
	names->present = true;
	return OK;
}

enum err label_add_releasable(struct label *l, struct str name)
{
	return add_audience(&l->releasable, l->communities.n, name);
}

enum err label_add_community(struct label *l, struct str name)
{
	return add_audience(&l->communities, l->releasable.n, name);
}

enum err label_add_tag(struct label *l, struct str text)
{
	struct name name;
	size_t n = l->tags_n;

	TRY(name_encode(&name, text));
	TRY(names_add(l->tags, &n, LABEL_TAGS_MAX, &name));
	l->tags_n = (uint8_t)n;
	return OK;
}

/* ---- bytes ---- */

struct writer {
	char *p;
	size_t n;
};

static void put_field(struct writer *w, enum field tag, const void *bytes, size_t n)
{
	w->p[w->n++] = (char)tag;
	w->p[w->n++] = (char)n;
	if (n)
		memcpy(w->p + w->n, bytes, n);
	w->n += n;
}

static void put_byte(struct writer *w, enum field tag, uint8_t value)
{
	put_field(w, tag, &value, 1);
}

static void put_national(struct writer *w, const struct levels *l)
{
	char bytes[NATIONAL_BYTES * NATIONAL_MAX];

	for (size_t i = 0; i < l->national_count; i++) {
		memcpy(bytes + NATIONAL_BYTES * i, l->national[i].country, 2);
		bytes[NATIONAL_BYTES * i + 2] = (char)l->national[i].level;
	}
	if (l->national_count)
		put_field(w, FIELD_NATIONAL, bytes, (size_t)NATIONAL_BYTES * l->national_count);
}

static void put_handling(struct writer *w, const struct label *l)
{
	const uint8_t bytes[HANDLING_BYTES] = {
	    l->pap, l->action, l->notify, l->attribution, l->personal};
	const uint8_t nothing[HANDLING_BYTES] = {0};

	if (memcmp(bytes, nothing, sizeof(bytes)) != 0)
		put_field(w, FIELD_HANDLING, bytes, sizeof(bytes));
}

static void put_expiry(struct writer *w, usec expires)
{
	uint64_t v = (uint64_t)expires;
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(v >> (56 - 8 * i));
	put_field(w, FIELD_EXPIRY, bytes, sizeof(bytes));
}

static uint8_t flags_of(const struct label *l)
{
	uint8_t flags = 0;

	if (l->unreadable)
		flags |= FLAG_UNREADABLE;
	else if (l->outside > outside_of_level(l)) /* said only where nothing else tells */
		flags |= l->outside == OUTSIDE_MEMBERS ? FLAG_MEMBERS : FLAG_NOBODY;
	if (l->exercise)
		flags |= FLAG_EXERCISE;
	return (uint8_t)(flags + FLAG_PRECEDENCE * (l->precedence % PRECEDENCES));
}

size_t label_encode(const struct label *l, char out[LABEL_ENCODED_MAX])
{
	const struct label s = settled(l);
	struct writer w = {.p = out};
	uint8_t flags = flags_of(&s);

	out[w.n++] = ENCODING_VERSION;
	if (s.tlp != TLP_NONE)
		put_byte(&w, FIELD_TLP, (uint8_t)s.tlp);
	if (s.levels.eu)
		put_byte(&w, FIELD_EU, s.levels.eu);
	if (s.levels.nato)
		put_byte(&w, FIELD_NATO, s.levels.nato);
	put_national(&w, &s.levels);
	if (flags)
		put_byte(&w, FIELD_FLAGS, flags);
	put_handling(&w, &s);
	if (s.hops_less)
		put_byte(&w, FIELD_HOPS, label_hops(&s));
	if (s.has_expiry)
		put_expiry(&w, s.expires);
	if (s.has_originator)
		put_field(&w, FIELD_ORIGINATOR, s.originator.b, sizeof(s.originator.b));
	if (s.releasable.present)
		put_field(&w, FIELD_RELEASABLE, s.releasable.set, s.releasable.n);
	if (s.communities.present)
		put_field(&w, FIELD_COMMUNITIES, s.communities.set, s.communities.n);
	if (s.tags_n)
		put_field(&w, FIELD_TAGS, s.tags, s.tags_n);
	return w.n;
}

static bool get_national(struct levels *l, struct rd *r, size_t length)
{
	if (length % NATIONAL_BYTES || length > (size_t)NATIONAL_BYTES * NATIONAL_MAX)
		return false;
	for (size_t i = 0; i < length / NATIONAL_BYTES; i++) {
		l->national[i].country[0] = (char)rd_u8(r);
		l->national[i].country[1] = (char)rd_u8(r);
		l->national[i].level = rd_u8(r);
	}
	l->national_count = (uint8_t)(length / NATIONAL_BYTES);
	return true;
}

static bool get_handling(struct label *l, struct rd *r, size_t length)
{
	l->pap = rd_u8(r);
	l->action = rd_u8(r);
	l->notify = rd_u8(r);
	l->attribution = rd_u8(r);
	l->personal = rd_u8(r);
	return length == HANDLING_BYTES && l->pap < PAPS && l->action < IEP_ACTIONS &&
	       l->notify < NOTIFIES && l->attribution < ATTRIBUTIONS && l->personal < PERSONALS;
}

static bool get_flags(struct label *l, struct rd *r, size_t length)
{
	uint8_t flags = rd_u8(r);

	l->unreadable = flags & FLAG_UNREADABLE;
	l->outside = flags & FLAG_NOBODY    ? OUTSIDE_NOBODY
	             : flags & FLAG_MEMBERS ? OUTSIDE_MEMBERS
	                                    : OUTSIDE_ANY;
	l->exercise = flags & FLAG_EXERCISE;
	l->precedence = flags / FLAG_PRECEDENCE % PRECEDENCES;
	return length == 1 && !(flags & ~FLAGS_ALL);
}

static bool get_names(struct label_names *out, struct rd *r, size_t length)
{
	struct str set = rd_bytes(r, length);

	if (r->failed || length > sizeof(out->set) || !names_valid(set))
		return false;
	if (length)
		memcpy(out->set, set.p, length);
	out->n = (uint8_t)length;
	out->present = true;
	return true;
}

static bool get_tags(struct label *l, struct rd *r, size_t length)
{
	struct str set = rd_bytes(r, length);

	if (r->failed || length == 0 || length > sizeof(l->tags) || !names_valid(set))
		return false;
	memcpy(l->tags, set.p, length);
	l->tags_n = (uint8_t)length;
	return true;
}

static bool get_field(struct label *l, enum field tag, struct rd *r, size_t length)
{
	struct str bytes;

	switch (tag) {
	case FIELD_TLP:
		l->tlp = (enum tlp)rd_u8(r);
		return length == 1 && l->tlp >= TLP_CLEAR && l->tlp <= TLP_UNKNOWN;
	case FIELD_EU:
		l->levels.eu = rd_u8(r);
		return length == 1;
	case FIELD_NATO:
		l->levels.nato = rd_u8(r);
		return length == 1;
	case FIELD_NATIONAL:
		return get_national(&l->levels, r, length);
	case FIELD_FLAGS:
		return get_flags(l, r, length);
	case FIELD_HANDLING:
		return get_handling(l, r, length);
	case FIELD_HOPS:
		label_set_hops(l, rd_u8(r));
		return length == 1;
	case FIELD_EXPIRY:
		l->has_expiry = true;
		l->expires = (usec)rd_u64(r);
		return length == 8 && l->expires >= 0 && l->expires < LABEL_EXPIRES_MAX;
	case FIELD_ORIGINATOR:
		bytes = rd_bytes(r, sizeof(l->originator.b));
		if (r->failed)
			return false;
		l->has_originator = true;
		memcpy(l->originator.b, bytes.p, bytes.n);
		return length == sizeof(l->originator.b);
	case FIELD_RELEASABLE:
		return get_names(&l->releasable, r, length);
	case FIELD_COMMUNITIES:
		return get_names(&l->communities, r, length);
	case FIELD_TAGS:
		return get_tags(l, r, length);
	}
	return false;
}

struct label label_decode(struct str bytes)
{
	struct rd r = rd_of(bytes);
	struct label out = {.tlp = TLP_NONE};
	char again[LABEL_ENCODED_MAX];
	size_t n;

	if (rd_u8(&r) != ENCODING_VERSION)
		return label_most_restrictive();
	while (r.n > 0) {
		enum field tag = (enum field)rd_u8(&r);
		size_t length = rd_u8(&r);

		if (!get_field(&out, tag, &r, length) || r.failed)
			return label_most_restrictive();
	}
	if ((size_t)out.releasable.n + out.communities.n > LABEL_AUDIENCE_MAX)
		return label_most_restrictive();
	out = settled(&out);
	/* Whatever else is wrong shows here: fields twice, out of order, that say nothing. */
	n = label_encode(&out, again);
	return str_eq((struct str){again, n}, bytes) ? out : label_most_restrictive();
}

/* ---- the lattice ---- */

static uint8_t stricter(uint8_t a, uint8_t b)
{
	return a > b ? a : b;
}

static void join_audience(
    struct label_names *out, const struct label_names *a, const struct label_names *b)
{
	struct str x = {a->set, a->n}, y = {b->set, b->n};

	*out = (struct label_names){.present = a->present || b->present};
	if (!a->present || !b->present)
		*out = a->present ? *a : *b;
	else
		out->n = (uint8_t)names_intersection(out->set, sizeof(out->set), x, y);
}

static void join_expiry(struct label *out, const struct label *a, const struct label *b)
{
	out->has_expiry = a->has_expiry || b->has_expiry;
	if (a->has_expiry && b->has_expiry)
		out->expires = a->expires < b->expires ? a->expires : b->expires;
	else if (out->has_expiry)
		out->expires = a->has_expiry ? a->expires : b->expires;
}

struct label label_join(const struct label *pa, const struct label *pb)
{
	const struct label a = settled(pa), b = settled(pb);
	struct label out = {.tlp = a.tlp > b.tlp ? a.tlp : b.tlp};
	size_t tags;

	if (a.unreadable || b.unreadable || !levels_join(&out.levels, &a.levels, &b.levels))
		return label_most_restrictive();
	tags = names_union(out.tags, sizeof(out.tags), label_tags(&a), label_tags(&b));
	/* More tags than there is room for: what they ask is not told, so nobody has it. */
	if (tags > sizeof(out.tags))
		return label_most_restrictive();
	out.tags_n = (uint8_t)tags;
	out.outside = stricter(a.outside, b.outside);
	out.exercise = a.exercise || b.exercise;
	out.pap = stricter(a.pap, b.pap);
	out.action = stricter(a.action, b.action);
	out.notify = stricter(a.notify, b.notify);
	out.attribution = stricter(a.attribution, b.attribution);
	out.personal = stricter(a.personal, b.personal);
	out.precedence = stricter(a.precedence, b.precedence);
	out.hops_less = stricter(a.hops_less, b.hops_less);
	join_expiry(&out, &a, &b);
	join_audience(&out.releasable, &a.releasable, &b.releasable);
	join_audience(&out.communities, &a.communities, &b.communities);
	if (a.has_originator && b.has_originator && uuid_eq(&a.originator, &b.originator)) {
		out.has_originator = true;
		out.originator = a.originator;
	}
	return settled(&out);
}

bool label_equal(const struct label *a, const struct label *b)
{
	char x[LABEL_ENCODED_MAX], y[LABEL_ENCODED_MAX];

	size_t n = label_encode(a, x);

	return n == label_encode(b, y) && memcmp(x, y, n) == 0;
}

bool label_dominates(const struct label *a, const struct label *b)
{
	struct label join = label_join(a, b);

	if (!join.unreadable)
		join.precedence = a->precedence;
	return label_equal(&join, a);
}

struct label label_of(enum tlp markings, const struct label *fallback)
{
	struct label own = {.tlp = markings};

	if (markings == TLP_NONE && fallback)
		return settled(fallback);
	return settled(&own);
}

bool label_is_urgent(const struct label *l)
{
	return !l->unreadable && l->precedence >= PRECEDENCE_IMMEDIATE;
}

bool label_is_plain(const struct label *l)
{
	struct label level = {.tlp = l->tlp};

	return label_equal(l, &level);
}

void label_name_originator(struct label *l, struct str by)
{
	static const struct str IDENTITY = S("identity--");

	if (l->unreadable || l->has_originator || !str_starts(by, IDENTITY))
		return;
	l->has_originator = uuid_parse(&l->originator, str_from(by, IDENTITY.n)) == OK;
}

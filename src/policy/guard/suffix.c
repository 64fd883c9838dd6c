/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/guard/suffix.h"

#include "codec/utf8.h"

/* Of RFC 3492, section 5. */
enum {
	BASE = 36,
	TMIN = 1,
	TMAX = 26,
	SKEW = 38,
	DAMP = 700,
	INITIAL_BIAS = 72,
	INITIAL_N = 128,
	LABEL_MAX = 63,
};

static unsigned adapt(unsigned delta, unsigned points, bool first)
{
	unsigned k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > ((BASE - TMIN) * TMAX) / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static char digit(unsigned d)
{
	return (char)(d < 26 ? 'a' + d : '0' + d - 26);
}

/* The characters as numbers; 0 when there are none or too many. */
static unsigned read_points(uint32_t out[LABEL_MAX], struct str label)
{
	unsigned n = 0;

	for (size_t i = 0; i < label.n;) {
		size_t bytes = utf8_char(label, i);

		if (bytes == 0 || n == LABEL_MAX)
			return 0;
		out[n++] = utf8_value(label, i, bytes);
		i += bytes;
	}
	return n;
}

struct puny {
	char text[LABEL_MAX];
	unsigned n;
	bool full;
};

static void put(struct puny *p, char c)
{
	if (p->n < sizeof(p->text))
		p->text[p->n++] = c;
	else
		p->full = true;
}

static void put_delta(struct puny *p, unsigned q, unsigned bias)
{
	for (unsigned k = BASE;; k += BASE) {
		unsigned t = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;

		if (q < t)
			break;
		put(p, digit(t + (q - t) % (BASE - t)));
		q = (q - t) / (BASE - t);
	}
	put(p, digit(q));
}

static uint32_t next_above(const uint32_t *points, unsigned count, uint32_t least)
{
	uint32_t m = UINT32_MAX;

	for (unsigned i = 0; i < count; i++)
		if (points[i] >= least && points[i] < m)
			m = points[i];
	return m;
}

/* Labels have at most 63 characters below 0x110000: nothing overflows. */
static void encode(struct puny *p, const uint32_t *points, unsigned count)
{
	unsigned n = INITIAL_N, delta = 0, bias = INITIAL_BIAS, basic = 0, done;

	for (unsigned i = 0; i < count; i++) {
		if (points[i] >= INITIAL_N)
			continue;
		put(p, (char)points[i]);
		basic++;
	}
	if (basic > 0)
		put(p, '-');
	for (done = basic; done < count; delta++, n++) {
		uint32_t m = next_above(points, count, n);

		delta += (m - n) * (done + 1);
		n = m;
		for (unsigned i = 0; i < count; i++) {
			delta += points[i] < n;
			if (points[i] != n)
				continue;
			put_delta(p, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
}

enum err suffix_label(struct str *out, struct arena *arena, struct str label)
{
	uint32_t points[LABEL_MAX];
	unsigned count = read_points(points, label);
	struct puny p = {.n = 0};

	if (count == 0)
		return ERR_INVALID;
	if (next_above(points, count, INITIAL_N) == UINT32_MAX) {
		*out = label;
		return OK;
	}
	encode(&p, points, count);
	if (p.full || p.n + 4 > LABEL_MAX)
		return ERR_INVALID;
	*out = arena_printf(arena, "xn--%.*s", (int)p.n, p.text);
	return out->p ? OK : ERR_NOMEM;
}

static enum err ascii_name(struct str *out, struct arena *arena, struct str name)
{
	struct str joined = STR_NONE, label;

	while (name.p) {
		TRY(suffix_label(&label, arena, str_cut(&name, '.')));
		joined = joined.p
		             ? arena_printf(arena, "%.*s.%.*s", STR_ARG(joined), STR_ARG(label))
		             : label;
		if (!joined.p)
			return ERR_NOMEM;
	}
	*out = joined;
	return OK;
}

enum err suffix_read(struct suffix_rule *out, struct arena *arena, struct str line)
{
	struct suffix_rule rule = {.how = RULES_IS};
	struct str text = str_trim(line), name;
	struct term t;
	size_t end = 0;

	/* Up to the first blank; the rest of the line is nobody's. */
	while (end < text.n && text.p[end] != ' ' && text.p[end] != '\t')
		end++;
	text = str_slice(text, 0, end);
	if (text.n == 0 || str_starts(text, S("//")))
		return ERR_NOT_FOUND;
	if (str_starts(text, S("*."))) {
		rule.how = RULES_CHILDREN;
		text = str_from(text, 2);
	} else if (str_starts(text, S("!"))) {
		rule.how = RULES_EXCEPTION;
		text = str_from(text, 1);
	}
	TRY(ascii_name(&name, arena, text));
	TRY(term_canonical(&t, arena, TERM_DOMAIN, name));
	rule.name = t.value;
	*out = rule;
	return OK;
}

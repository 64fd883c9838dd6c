/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/decay/decay.h"

#include <math.h>

enum { SPEED_ONE = 100, SPEED_MAX = 100 * SPEED_ONE, WEIGHT_ONE = 100 };

static const usec DAY = 86400 * USEC_PER_SEC;

static const char *const NAMES[DECAY_KINDS] = {
    [DECAY_ADDRESS] = "address",
    [DECAY_DOMAIN] = "domain",
    [DECAY_URL] = "url",
    [DECAY_EMAIL] = "email",
    [DECAY_FILE] = "file",
    [DECAY_CERTIFICATE] = "certificate",
    [DECAY_TLS] = "tls",
    [DECAY_USER_AGENT] = "user_agent",
    [DECAY_OTHER] = "other",
};

static const enum decay_kind KINDS[TERM_KINDS] = {
    [TERM_IPV4] = DECAY_ADDRESS,
    [TERM_IPV6] = DECAY_ADDRESS,
    [TERM_DOMAIN] = DECAY_DOMAIN,
    [TERM_URL] = DECAY_URL,
    [TERM_EMAIL] = DECAY_EMAIL,
    [TERM_MD5] = DECAY_FILE,
    [TERM_SHA1] = DECAY_FILE,
    [TERM_SHA256] = DECAY_FILE,
    [TERM_SHA512] = DECAY_FILE,
    [TERM_CERT_MD5] = DECAY_CERTIFICATE,
    [TERM_CERT_SHA1] = DECAY_CERTIFICATE,
    [TERM_CERT_SHA256] = DECAY_CERTIFICATE,
    [TERM_JA3] = DECAY_TLS,
    [TERM_JA3S] = DECAY_TLS,
    [TERM_JA4] = DECAY_TLS,
    [TERM_USER_AGENT] = DECAY_USER_AGENT,
};

const char *decay_kind_name(enum decay_kind kind)
{
	return NAMES[kind];
}

enum decay_kind decay_kind_of(const struct decay *d, const struct term_list *terms)
{
	enum decay_kind longest = DECAY_OTHER;

	if (!terms || terms->count == 0 || terms->partial)
		return DECAY_OTHER;
	for (size_t i = 0; i < terms->count; i++) {
		enum decay_kind kind = KINDS[terms->list[i].kind];

		if (i == 0 || d->models[kind].days > d->models[longest].days)
			longest = kind;
	}
	return longest;
}

/* Up to two places after the point. */
static enum err parse_hundredths(uint32_t *out, struct str text)
{
	struct str rest = text, whole = str_cut(&rest, '.');
	uint64_t n, part = 0;

	TRY(str_u64(whole, &n));
	if (rest.p) {
		if (rest.n > 2)
			return ERR_PARSE;
		TRY(str_u64(rest, &part));
		part *= rest.n == 1 ? 10 : 1;
	}
	if (n > SPEED_MAX)
		return ERR_LIMIT;
	*out = (uint32_t)(n * SPEED_ONE + part);
	return OK;
}

static enum err parse_points(struct decay_model *m, struct str text)
{
	m->point_count = 0;
	if (text.n == 0)
		return ERR_INVALID;
	while (text.p) {
		uint64_t point;

		TRY(str_u64(str_cut(&text, ','), &point));
		if (point == 0 || point >= DECAY_FULL || m->point_count == DECAY_POINTS_MAX ||
		    (m->point_count > 0 && point >= m->points[m->point_count - 1]))
			return ERR_INVALID;
		m->points[m->point_count++] = (uint32_t)point;
	}
	return OK;
}

enum err decay_model_parse(struct decay_model *out, struct str text, struct fault *fault)
{
	struct decay_model m = {0};

	while (text.p) {
		struct str word = str_cut(&text, ' ');
		struct str value;
		uint64_t days;

		if (word.n == 0)
			continue;
		value = str_cut(&text, ' ');
		if (str_eq(word, S("lifetime")) && str_u64(value, &days) == OK && days >= 1 &&
		    days <= DECAY_DAYS_MAX)
			m.days = (uint32_t)days;
		else if (!(str_eq(word, S("speed")) && parse_hundredths(&m.speed, value) == OK &&
		             m.speed >= 1 && m.speed <= SPEED_MAX) &&
		         !(str_eq(word, S("points")) && parse_points(&m, value) == OK))
			return fail(fault, ERR_INVALID,
			    "%.*s %.*s: must be like \"lifetime 60 speed 3 points 80,60,40,20\", "
			    "with "
			    "1 to %d days, a speed of 0.01 to %d, and at most %d scores of 1 to "
			    "99, "
			    "descending",
			    STR_ARG(str_slice(word, 0, 64)), STR_ARG(str_slice(value, 0, 64)),
			    DECAY_DAYS_MAX, SPEED_MAX / SPEED_ONE, DECAY_POINTS_MAX);
	}
	if (m.days == 0 || m.speed == 0)
		return fail(fault, ERR_INVALID, "must have a lifetime and a speed");
	*out = m;
	return OK;
}

usec decay_begins(const struct decay_facts *f)
{
	return f->seen > f->stated ? f->seen : f->stated;
}

double decay_denied(const struct decay *d, const struct decay_facts *f)
{
	return (double)f->denied * d->false_positive / WEIGHT_ONE;
}

double decay_start(const struct decay *d, const struct decay_facts *f)
{
	double base = f->confidence < 0 ? d->confidence : (double)f->confidence;
	double start = base * f->trust / DECAY_FULL - decay_denied(d, f);

	return start > 0 ? start : 0;
}

static usec lifetime(const struct decay *d, const struct decay_facts *f)
{
	return d->models[f->kind].days * DAY;
}

double decay_speed(const struct decay_model *m)
{
	return (double)m->speed / SPEED_ONE;
}

static double speed(const struct decay *d, const struct decay_facts *f)
{
	return decay_speed(&d->models[f->kind]);
}

double decay_score(const struct decay *d, const struct decay_facts *f, usec at)
{
	usec begins = decay_begins(f), life = lifetime(d, f);
	double start = decay_start(d, f);

	if (at <= begins)
		return start;
	if (at - begins >= life)
		return 0;
	return start * (1 - pow((double)(at - begins) / (double)life, 1 / speed(d, f)));
}

usec decay_below(const struct decay *d, const struct decay_facts *f, uint32_t score)
{
	double start = decay_start(d, f);

	if (score == 0)
		return INT64_MAX;
	if (start < score)
		return 0;
	return decay_begins(f) +
	       (usec)((double)lifetime(d, f) * pow(1 - score / start, speed(d, f)));
}

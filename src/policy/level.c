/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/level.h"

#include <string.h>

#include "stix/property.h"

struct level_name {
	struct str name;
	uint8_t level;
};

static const struct level_name EU_NAMES[] = {
    {S("EU-R"), LEVEL_RESTRICTED},
    {S("R-UE"), LEVEL_RESTRICTED},
    {S("R-UE/EU-R"), LEVEL_RESTRICTED},
    {S("EU-C"), LEVEL_CONFIDENTIAL},
    {S("C-UE"), LEVEL_CONFIDENTIAL},
    {S("C-UE/EU-C"), LEVEL_CONFIDENTIAL},
    {S("EU-S"), LEVEL_SECRET},
    {S("S-UE"), LEVEL_SECRET},
    {S("S-UE/EU-S"), LEVEL_SECRET},
    {S("EU-TS"), LEVEL_TOP_SECRET},
    {S("TS-UE"), LEVEL_TOP_SECRET},
    {S("TS-UE/EU-TS"), LEVEL_TOP_SECRET},
};

static const struct level_name NATO_NAMES[] = {
    {S("NU"), LEVEL_NONE},
    {S("NR"), LEVEL_RESTRICTED},
    {S("NC"), LEVEL_CONFIDENTIAL},
    {S("NS"), LEVEL_SECRET},
    {S("CTS"), LEVEL_TOP_SECRET},
};

/* What every ladder understands too. */
static const struct level_name PLAIN_NAMES[] = {
    {S("R"), LEVEL_RESTRICTED},
    {S("C"), LEVEL_CONFIDENTIAL},
    {S("S"), LEVEL_SECRET},
    {S("TS"), LEVEL_TOP_SECRET},
    {S("1"), LEVEL_RESTRICTED},
    {S("2"), LEVEL_CONFIDENTIAL},
    {S("3"), LEVEL_SECRET},
    {S("4"), LEVEL_TOP_SECRET},
};

/* How each ladder's levels are shown. */
static const char *const SHOWN_EU[] = {"", "EU-R", "EU-C", "EU-S", "EU-TS"};
static const char *const SHOWN_NATO[] = {"", "NR", "NC", "NS", "CTS"};
static const char *const SHOWN_NATIONAL[] = {"", "R", "C", "S", "TS"};

enum { COUNT_EU = sizeof(EU_NAMES) / sizeof(EU_NAMES[0]) };
enum { COUNT_NATO = sizeof(NATO_NAMES) / sizeof(NATO_NAMES[0]) };
enum { COUNT_PLAIN = sizeof(PLAIN_NAMES) / sizeof(PLAIN_NAMES[0]) };

bool levels_valid(const struct levels *l)
{
	if (l->eu > LEVEL_TOP_SECRET || l->nato > LEVEL_TOP_SECRET ||
	    l->national_count > NATIONAL_MAX)
		return false;
	for (size_t i = 0; i < l->national_count; i++) {
		const struct national *n = &l->national[i];

		if (n->level < LEVEL_RESTRICTED || n->level > LEVEL_TOP_SECRET)
			return false;
		if (n->country[0] < 'a' || n->country[0] > 'z' || n->country[1] < 'a' ||
		    n->country[1] > 'z')
			return false;
		if (i && memcmp(l->national[i - 1].country, n->country, 2) >= 0)
			return false;
	}
	return true;
}

bool levels_any(const struct levels *l)
{
	return l->eu || l->nato || l->national_count;
}

static uint8_t national_level(const struct levels *l, const char country[2])
{
	for (size_t i = 0; i < l->national_count && i < NATIONAL_MAX; i++)
		if (memcmp(l->national[i].country, country, 2) == 0)
			return l->national[i].level;
	return LEVEL_NONE;
}

bool levels_eu_within(const struct levels *have, const struct levels *need)
{
	return need->eu <= have->eu;
}

bool levels_nato_within(const struct levels *have, const struct levels *need)
{
	return need->nato <= have->nato;
}

bool levels_national_within(const struct levels *have, const struct levels *need)
{
	for (size_t i = 0; i < need->national_count && i < NATIONAL_MAX; i++)
		if (need->national[i].level > national_level(have, need->national[i].country))
			return false;
	return true;
}

bool levels_dominate(const struct levels *have, const struct levels *need)
{
	return levels_eu_within(have, need) && levels_nato_within(have, need) &&
	       levels_national_within(have, need);
}

/* Raises one state's level, keeping the order. */
static bool raise_national(struct levels *l, const char country[2], uint8_t level)
{
	size_t at = 0;

	while (at < l->national_count && memcmp(l->national[at].country, country, 2) < 0)
		at++;
	if (at < l->national_count && memcmp(l->national[at].country, country, 2) == 0) {
		if (level > l->national[at].level)
			l->national[at].level = level;
		return true;
	}
	if (l->national_count == NATIONAL_MAX)
		return false;
	memmove(&l->national[at + 1], &l->national[at],
	    (l->national_count - at) * sizeof(l->national[0]));
	memcpy(l->national[at].country, country, 2);
	l->national[at].level = level;
	l->national_count++;
	return true;
}

bool levels_join(struct levels *out, const struct levels *a, const struct levels *b)
{
	struct levels l = *a;

	l.eu = a->eu > b->eu ? a->eu : b->eu;
	l.nato = a->nato > b->nato ? a->nato : b->nato;
	for (size_t i = 0; i < b->national_count && i < NATIONAL_MAX; i++)
		if (!raise_national(&l, b->national[i].country, b->national[i].level))
			return false;
	*out = l;
	return true;
}

static bool find_level(const struct level_name *list, size_t count, struct str name, uint8_t *level)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq_nocase(list[i].name, name)) {
			*level = list[i].level;
			return true;
		}
	return false;
}

static bool plain_level(struct str name, uint8_t *level)
{
	return find_level(PLAIN_NAMES, COUNT_PLAIN, name, level);
}

static enum err set_national(struct levels *l, struct str country, struct str level)
{
	char lower[2];
	uint8_t n;

	if (!country_code(country) || !plain_level(level, &n))
		return ERR_INVALID;
	lower[0] = (char)(country.p[0] | 0x20);
	lower[1] = (char)(country.p[1] | 0x20);
	return raise_national(l, lower, n) ? OK : ERR_LIMIT;
}

enum err levels_set(struct levels *l, struct str scheme, struct str level)
{
	static const struct str NATIONAL = S("national:");
	uint8_t n;

	if (str_eq_nocase(scheme, S("eu")) || str_eq_nocase(scheme, S("euci"))) {
		if (!find_level(EU_NAMES, COUNT_EU, level, &n) && !plain_level(level, &n))
			return ERR_INVALID;
		l->eu = n > l->eu ? n : l->eu;
		return OK;
	}
	if (str_eq_nocase(scheme, S("nato"))) {
		if (!find_level(NATO_NAMES, COUNT_NATO, level, &n) && !plain_level(level, &n))
			return ERR_INVALID;
		l->nato = n > l->nato ? n : l->nato;
		return OK;
	}
	if (str_eq_nocase(str_slice(scheme, 0, NATIONAL.n), NATIONAL))
		scheme = str_from(scheme, NATIONAL.n);
	return set_national(l, scheme, level);
}

static void separate(struct buf *out, size_t *count)
{
	if ((*count)++)
		buf_put(out, S(", "));
}

bool levels_put(struct buf *out, const struct levels *l)
{
	size_t count = 0;

	if (l->eu && l->eu <= LEVEL_TOP_SECRET) {
		separate(out, &count);
		buf_put(out, str_c(SHOWN_EU[l->eu]));
	}
	if (l->nato && l->nato <= LEVEL_TOP_SECRET) {
		separate(out, &count);
		buf_put(out, str_c(SHOWN_NATO[l->nato]));
	}
	for (size_t i = 0; i < l->national_count && i < NATIONAL_MAX; i++) {
		const struct national *n = &l->national[i];

		if (n->level > LEVEL_TOP_SECRET)
			continue;
		separate(out, &count);
		buf_printf(out, "%c%c:%s", n->country[0] & ~0x20, n->country[1] & ~0x20,
		    SHOWN_NATIONAL[n->level]);
	}
	return count > 0;
}

static enum err clearance_part(
    enum tlp *tlp, struct levels *levels, struct str part, struct fault *fault)
{
	struct str level = part, scheme = str_cut(&level, ':');
	enum err rc;

	if (tlp_of_name(part) != TLP_UNKNOWN) {
		*tlp = tlp_of_name(part);
		return OK;
	}
	rc = level.p ? levels_set(levels, scheme, level) : ERR_INVALID;
	if (rc == ERR_LIMIT)
		return fail(
		    fault, ERR_LIMIT, "clearance: at most %d national levels", NATIONAL_MAX);
	if (rc != OK)
		return fail(fault, ERR_INVALID,
		    "clearance: not a level: %.*s (levels are like TLP:AMBER, EU:R-UE, NATO:NC, "
		    "CZ:S, separated by commas)",
		    STR_ARG(str_slice(part, 0, 40)));
	return OK;
}

enum err clearance_parse(enum tlp *tlp, struct levels *levels, struct str text, struct fault *fault)
{
	struct levels all = {0};
	enum tlp level = *tlp;

	while (text.p)
		TRY(clearance_part(&level, &all, str_trim(str_cut(&text, ',')), fault));
	*tlp = level;
	*levels = all;
	return OK;
}

void clearance_put(struct buf *out, enum tlp tlp, const struct levels *levels)
{
	buf_put(out, tlp_name(tlp));
	if (levels->eu && levels->eu <= LEVEL_TOP_SECRET)
		buf_printf(out, ",EU:%s", SHOWN_EU[levels->eu]);
	if (levels->nato && levels->nato <= LEVEL_TOP_SECRET)
		buf_printf(out, ",NATO:%s", SHOWN_NATO[levels->nato]);
	for (size_t i = 0; i < levels->national_count && i < NATIONAL_MAX; i++)
		buf_printf(out, ",%c%c:%s", levels->national[i].country[0] & ~0x20,
		    levels->national[i].country[1] & ~0x20,
		    SHOWN_NATIONAL[levels->national[i].level]);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Labels in words: the names of what may be done, and a label as a person reads it. PAP 3 (MISP
 * taxonomy), IEP 2.0 (FIRST). */
#include "codec/time.h"
#include "policy/label.h"

static const char *const PAP_NAMES[PAPS] = {"", "PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED"};
static const char *const ACTION_NAMES[IEP_ACTIONS] = {"", "externally-visible-direct",
    "externally-visible-indirect", "internally-visible", "contact-for-instruction", "none"};
static const char *const NOTIFY_NAMES[NOTIFIES] = {"", "may", "must-not"};
static const char *const ATTRIBUTION_NAMES[ATTRIBUTIONS] = {"", "may", "must", "must-not"};
/* No personal data is what a label without a word says, so its word is understood too. */
static const char *const PERSONAL_NAMES[PERSONALS] = {"none", "present", "special"};
static const char *const PRECEDENCE_NAMES[PRECEDENCES] = {
    "routine", "priority", "immediate", "flash"};

static struct str name_at(const char *const *names, size_t count, uint8_t at)
{
	return at < count ? str_c(names[at]) : S("unknown");
}

static bool find_name(uint8_t *out, const char *const *names, uint8_t count, struct str name)
{
	for (uint8_t i = 0; i < count; i++)
		if (name.n && str_eq_nocase(str_c(names[i]), name)) {
			*out = i;
			return true;
		}
	return false;
}

struct str pap_name(uint8_t pap)
{
	return name_at(PAP_NAMES, PAPS, pap);
}

struct str iep_action_name(uint8_t a)
{
	return name_at(ACTION_NAMES, IEP_ACTIONS, a);
}

struct str iep_notify_name(uint8_t n)
{
	return name_at(NOTIFY_NAMES, NOTIFIES, n);
}

struct str iep_attribution_name(uint8_t a)
{
	return name_at(ATTRIBUTION_NAMES, ATTRIBUTIONS, a);
}

struct str personal_name(uint8_t p)
{
	return name_at(PERSONAL_NAMES, PERSONALS, p);
}

struct str precedence_name(uint8_t p)
{
	return name_at(PRECEDENCE_NAMES, PRECEDENCES, p);
}

bool pap_of_name(uint8_t *out, struct str name)
{
	static const struct str PREFIX = S("PAP:");
	static const struct str OLD = S("WHITE");
	struct str bare =
	    str_eq_nocase(str_slice(name, 0, PREFIX.n), PREFIX) ? str_from(name, PREFIX.n) : name;

	for (size_t i = PAP_CLEAR; i < PAPS; i++)
		if (str_eq_nocase(str_from(str_c(PAP_NAMES[i]), PREFIX.n), bare)) {
			*out = (uint8_t)i;
			return true;
		}
	if (!str_eq_nocase(bare, OLD))
		return false;
	*out = PAP_CLEAR;
	return true;
}

bool iep_action_of_name(uint8_t *out, struct str name)
{
	return find_name(out, ACTION_NAMES, IEP_ACTIONS, name);
}

bool iep_notify_of_name(uint8_t *out, struct str name)
{
	return find_name(out, NOTIFY_NAMES, NOTIFIES, name);
}

bool iep_attribution_of_name(uint8_t *out, struct str name)
{
	return find_name(out, ATTRIBUTION_NAMES, ATTRIBUTIONS, name);
}

bool personal_of_name(uint8_t *out, struct str name)
{
	return find_name(out, PERSONAL_NAMES, PERSONALS, name);
}

bool precedence_of_name(uint8_t *out, struct str name)
{
	return find_name(out, PRECEDENCE_NAMES, PRECEDENCES, name);
}

static void put_names(struct buf *out, const char *words, struct str set, const char *nobody)
{
	buf_put(out, str_c(words));
	if (set.n)
		names_put(out, set);
	else
		buf_put(out, str_c(nobody));
}

static void put_handling(struct buf *out, const struct label *l)
{
	static const struct {
		const char *before;
		struct str (*name)(uint8_t);
	} ROWS[] = {{"; ", pap_name}, {"; may be used: ", iep_action_name},
	    {"; telling those affected: ", iep_notify_name},
	    {"; naming the source: ", iep_attribution_name}, {"; personal data: ", personal_name},
	    {"; precedence: ", precedence_name}};
	const uint8_t values[] = {
	    l->pap, l->action, l->notify, l->attribution, l->personal, l->precedence};

	for (size_t i = 0; i < sizeof(values); i++)
		if (values[i]) {
			buf_put(out, str_c(ROWS[i].before));
			buf_put(out, ROWS[i].name(values[i]));
		}
}

static void put_limits(struct buf *out, const struct label *l)
{
	char text[TIME_TEXT + 1];

	if (l->hops_less)
		buf_printf(out, "; %u more may pass it on", label_hops(l));
	if (l->has_expiry) {
		time_format(text, l->expires);
		buf_printf(out, "; until %s", text);
	}
}

void label_put(struct buf *out, const struct label *l)
{
	if (l->unreadable) {
		buf_put(out, S("a label that cannot be read"));
		return;
	}
	buf_put(out, tlp_name(l->tlp));
	if (levels_any(&l->levels)) {
		if (l->tlp != TLP_NONE)
			buf_put(out, S(", "));
		(void)levels_put(out, &l->levels);
	}
	if (l->exercise)
		buf_put(out, S("; EXERCISE"));
	if (l->releasable.present)
		put_names(out, "; releasable to: ", label_releasable(l), "nobody");
	if (l->communities.present)
		put_names(out, "; communities: ", label_communities(l), "none");
	if (l->tags_n)
		put_names(out, "; need to know: ", label_tags(l), "");
	put_handling(out, l);
	put_limits(out, l);
}

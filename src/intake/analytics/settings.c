/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/analytics/settings.h"

#include "analytics/analytics.h"

enum { WORK_MEMORY = 1 << 20, SHOWN_MAX = 100 };

/* Between blanks or commas; empty at the end. */
static struct str next_word(struct str *rest)
{
	static const struct str BETWEEN = S(" ,\t");
	size_t from = 0, to;
	struct str word;

	while (from < rest->n && str_find(BETWEEN, rest->p[from]) < BETWEEN.n)
		from++;
	to = from;
	while (to < rest->n && str_find(BETWEEN, rest->p[to]) == BETWEEN.n)
		to++;
	word = str_slice(*rest, from, to);
	*rest = str_from(*rest, to);
	return word;
}

static enum err refuse_detector(struct str word, struct arena *arena, struct fault *fault)
{
	struct str known = str_c(detector_name(0));

	for (int d = 1; d < DETECTORS; d++)
		known = arena_printf(
		    arena, "%.*s, %s", STR_ARG(known), detector_name((enum detector)d));
	return fail(fault, ERR_INVALID,
	    "tocsin.conf: [analytics] detectors: '%.*s' is no detector; they are all, none, "
	    "or some of %.*s",
	    STR_ARG(str_slice(word, 0, SHOWN_MAX)), STR_ARG(known));
}

static enum err read_detectors(
    bool on[DETECTORS], struct str list, struct arena *arena, struct fault *fault)
{
	bool all = !list.p || str_eq(list, S("all"));
	struct str word;

	for (int d = 0; d < DETECTORS; d++)
		on[d] = all;
	if (all || str_eq(list, S("none")))
		return OK;
	word = next_word(&list);
	do {
		int d = 0;

		while (d < DETECTORS && !str_eq(word, str_c(detector_name((enum detector)d))))
			d++;
		if (d == DETECTORS)
			return refuse_detector(word, arena, fault);
		on[d] = true;
		word = next_word(&list);
	} while (word.n);
	return OK;
}

static enum err read_own(
    struct networks *out, struct str list, struct arena *arena, struct fault *fault)
{
	out->count = 0;
	for (struct str word = next_word(&list); word.n; word = next_word(&list)) {
		struct network net;
		struct term term;

		if ((term_canonical(&term, arena, TERM_IPV4, word) != OK &&
		        term_canonical(&term, arena, TERM_IPV6, word) != OK) ||
		    !network_of(&net, &term))
			return fail(fault, ERR_INVALID,
			    "tocsin.conf: [analytics] own: %.*s is no address or network",
			    STR_ARG(str_slice(word, 0, SHOWN_MAX)));
		if (out->count == NETWORKS_MAX)
			return fail(fault, ERR_LIMIT, "tocsin.conf: [analytics] own: at most %d",
			    NETWORKS_MAX);
		out->list[out->count++] = net;
	}
	return OK;
}

enum err analytics_settings_of(
    struct analytics_settings *out, const struct config *config, struct fault *fault)
{
	struct arena *arena = arena_new(WORK_MEMORY);
	enum err rc;

	*out = ANALYTICS_DEFAULTS;
	rc = read_detectors(out->on, config->detectors, arena, fault);
	if (rc == OK)
		rc = read_own(&out->own, config->analytics_own, arena, fault);
	arena_free(arena);
	return rc;
}

enum err analytics_settings_check(const struct config *config, struct fault *fault)
{
	struct analytics_settings settings;

	return analytics_settings_of(&settings, config, fault);
}

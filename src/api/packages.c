/* SPDX-License-Identifier: Apache-2.0 */
#include "api/packages.h"

#include <inttypes.h>

#include "codec/time.h"

static const usec HOUR = 3600 * USEC_PER_SEC;

static void put_alarm(struct json_writer *w, const char *code, struct str message, usec since)
{
	json_object(w, NULL);
	json_put_str(w, "code", str_c(code));
	json_put_str(w, "message", message);
	json_put_time(w, "since", since);
	json_end_object(w);
}

static struct str maker(const struct gate_peer *p)
{
	return p->name.n ? p->name : S("a peer");
}

static void put_missing(struct json_writer *w, const struct gate_peer *p, struct arena *arena)
{
	put_alarm(w, "package-missing",
	    arena_printf(arena,
	        "Packages %" PRIu64 " to %" PRIu64
	        " of %.*s are missing: nothing after them is taken until they come. There: tocsin "
	        "package write --again %" PRIu64,
	        p->packages.missing_from, p->packages.missing_to, STR_ARG(maker(p)),
	        p->packages.missing_from),
	    p->packages.missing_since);
}

static void put_old(
    struct json_writer *w, const struct gate_peer *p, usec limit, struct arena *arena)
{
	char made[TIME_TEXT + 1];

	time_format_ms(made, p->packages.made);
	put_alarm(w, "package-old",
	    arena_printf(arena,
	        "The picture is old: the newest package of %.*s was made at %s, %lld hours ago",
	        STR_ARG(maker(p)), made, (long long)(p->packages.age / HOUR)),
	    p->packages.made + limit);
}

void packages_put_alarms(struct json_writer *w, const struct gate_peers *fed, uint32_t hours,
    usec now, struct arena *arena)
{
	usec limit = (usec)hours * HOUR;

	for (size_t i = 0; i < fed->count; i++) {
		const struct gate_peer *p = &fed->items[i];

		if (p->packages.missing_from)
			put_missing(w, p, arena);
		if (p->packages.read && hours > 0 && now - p->packages.made > limit)
			put_old(w, p, limit, arena);
	}
}

void packages_put_picture(struct json_writer *w, const struct gate_peers *fed)
{
	usec oldest = 0;

	for (size_t i = 0; i < fed->count; i++) {
		usec made = fed->items[i].packages.made;

		if (made && (oldest == 0 || made < oldest))
			oldest = made;
	}
	if (oldest)
		json_put_time(w, "picture_made", oldest);
}

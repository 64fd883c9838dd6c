/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/reads.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "codec/json.h"
#include "codec/time.h"
#include "gate/internal.h"

enum { SEEN_SLOTS = 2 * READS_SEEN_MAX, HOUR_TEXT = 13 };

static const usec HOUR = 3600 * USEC_PER_SEC;

static const char *const OUTLET_NAMES[OUTLETS] = {
    [OUTLET_TAXII] = "taxii",
    [OUTLET_API] = "api",
    [OUTLET_PAGE] = "page",
    [OUTLET_SEARCH] = "search",
    [OUTLET_COUNT] = "count",
    [OUTLET_EXPORT] = "export",
    [OUTLET_METRICS] = "metrics",
    [OUTLET_STREAM] = "stream",
    [OUTLET_PEER] = "peer",
};

/* Of one account, one way out and one hour: these go into one call. */
struct group {
	char name[ACCOUNT_NAME_MAX];
	uint8_t name_n;
	uint8_t outlet;
	int64_t hour;
};

struct given {
	struct group group;
	char id[STORE_ID_MAX];
	uint8_t id_n;
	bool sent;
};

struct counted {
	struct group group;
	uint64_t more, sent;
};

struct reads {
	struct reads_options o;
	struct hash_key key;
	int64_t hour;   /* that `seen` is of */
	uint64_t *seen; /* hashes of account and object; 0: free */
	size_t seen_count;
	struct given *waiting;
	size_t count;
	struct counted counted[READS_COUNTED_MAX];
	size_t counted_count;
	bool under_way;
};

struct reads *reads_new(const struct reads_options *options)
{
	struct reads *r = mem_alloc(sizeof(*r));

	r->o = *options;
	env_random(r->o.env, &r->key, sizeof(r->key));
	r->seen = mem_alloc(SEEN_SLOTS * sizeof(*r->seen));
	r->waiting = mem_alloc(READS_WAITING_MAX * sizeof(*r->waiting));
	return r;
}

void reads_free(struct reads *r)
{
	if (!r)
		return;
	mem_free(r->seen);
	mem_free(r->waiting);
	mem_free(r);
}

void gate_watch(struct gate *g, struct reads *r)
{
	g->reads = r;
}

static bool same_group(const struct group *a, const struct group *b)
{
	return a->hour == b->hour && a->outlet == b->outlet && a->name_n == b->name_n &&
	       memcmp(a->name, b->name, a->name_n) == 0;
}

/* True the first time in an hour, and whenever there is no room to remember. */
static bool is_new(struct reads *r, const struct group *group, struct str id)
{
	char text[ACCOUNT_NAME_MAX + 1 + STORE_ID_MAX];
	uint64_t hash;

	if (group->hour != r->hour) {
		memset(r->seen, 0, SEEN_SLOTS * sizeof(*r->seen));
		r->seen_count = 0;
		r->hour = group->hour;
	}
	memcpy(text, group->name, group->name_n);
	text[group->name_n] = 0;
	memcpy(text + group->name_n + 1, id.p, id.n);
	hash = hash_bytes(&r->key, (struct str){text, group->name_n + 1 + id.n}) | 1;
	for (size_t i = hash % SEEN_SLOTS;; i = (i + 1) % SEEN_SLOTS) {
		if (r->seen[i] == hash)
			return false;
		if (r->seen[i] != 0)
			continue;
		if (r->seen_count < READS_SEEN_MAX) {
			r->seen[i] = hash;
			r->seen_count++;
		}
		return true;
	}
}

/* Where there is no room for an object it still counts, for its account while that has a place, and
 * for those that cannot be told apart otherwise. */
static void count_more(struct reads *r, const struct group *group)
{
	for (size_t i = 0; i < r->counted_count; i++) {
		if (same_group(&r->counted[i].group, group)) {
			r->counted[i].more++;
			return;
		}
	}
	if (r->counted_count < READS_COUNTED_MAX)
		r->counted[r->counted_count++].group = *group;
	else
		r->counted[r->counted_count - 1].group.name_n = 0;
	r->counted[r->counted_count - 1].more++;
}

static void note(struct reads *r, const struct gate_ask *ask, struct str id)
{
	struct given given = {.id_n = (uint8_t)id.n};
	struct str name = ask->reader->name;

	memcpy(given.group.name, name.p, name.n);
	given.group.name_n = (uint8_t)name.n;
	given.group.outlet = (uint8_t)ask->outlet;
	given.group.hour = env_now(r->o.env) / HOUR;
	if (!is_new(r, &given.group, id))
		return;
	if (r->count < READS_WAITING_MAX) {
		memcpy(given.id, id.p, id.n);
		r->waiting[r->count++] = given;
	} else {
		count_more(r, &given.group);
	}
	r->o.wake(r->o.ctx);
}

bool reads_records(const struct gate_object *object)
{
	enum tlp tlp = label_tlp(&object->label);

	return tlp == TLP_RED || tlp == TLP_UNKNOWN || levels_any(&object->label.levels);
}

void gate_note(const struct gate_ask *ask, const struct gate_object *object)
{
	struct reads *r = ask->gate->reads;
	struct str name = ask->reader->name;

	if (!r || ask->reader->kind != READER_ACCOUNT || name.n == 0 || name.n > ACCOUNT_NAME_MAX)
		return;
	if (reads_records(object))
		note(r, ask, object->id);
}

/* "2026-11-28T03" */
static void put_hour(struct json_writer *w, int64_t hour)
{
	char text[TIME_TEXT + 1];

	time_format(text, hour * HOUR);
	json_put_str(w, "hour", (struct str){text, HOUR_TEXT});
}

bool reads_take(struct reads *r, struct str *account, struct buf *out)
{
	struct json_writer w = json_writer(out);
	struct group *first;
	uint64_t more = 0;
	size_t n = 0;

	if (r->under_way || (r->count == 0 && r->counted_count == 0))
		return false;
	first = r->count ? &r->waiting[0].group : &r->counted[0].group;
	json_object(&w, NULL);
	json_put_str(&w, "outlet", str_c(OUTLET_NAMES[first->outlet]));
	put_hour(&w, first->hour);
	json_list(&w, "objects");
	for (size_t i = 0; i < r->count && n < READS_CALL_MAX; i++) {
		struct given *g = &r->waiting[i];

		if (!same_group(&g->group, first))
			continue;
		g->sent = true;
		json_put_str(&w, NULL, (struct str){g->id, g->id_n});
		n++;
	}
	json_end_list(&w);
	for (size_t i = 0; i < r->counted_count; i++) {
		struct counted *c = &r->counted[i];

		if (same_group(&c->group, first))
			more += c->sent = c->more;
	}
	json_put_int(&w, "more", (int64_t)more);
	json_end_object(&w);
	/* Of accounts that found no room at all: nobody's name. */
	*account = first->name_n ? (struct str){first->name, first->name_n} : S("*");
	r->under_way = true;
	return true;
}

void reads_done(struct reads *r, bool kept)
{
	size_t n = 0;

	r->under_way = false;
	for (size_t i = 0; i < r->count; i++) {
		if (r->waiting[i].sent && kept)
			continue;
		r->waiting[i].sent = false;
		if (n != i)
			r->waiting[n] = r->waiting[i];
		n++;
	}
	r->count = n;
	n = 0;
	for (size_t i = 0; i < r->counted_count; i++) {
		struct counted c = r->counted[i];

		if (kept)
			c.more -= c.sent;
		c.sent = 0;
		if (c.more)
			r->counted[n++] = c;
	}
	memset(r->counted + n, 0, (r->counted_count - n) * sizeof(r->counted[0]));
	r->counted_count = n;
}

bool reads_any(const struct reads *r)
{
	return r->count > 0 || r->counted_count > 0;
}

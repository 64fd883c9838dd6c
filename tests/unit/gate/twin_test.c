/* SPDX-License-Identifier: Apache-2.0 */
/* Two ledgers that differ only in what a reader may not see: every answer that the gate gives this
 * reader must be the same, byte for byte. */
#include "world.h"

#include "base/buf.h"
#include "gate/feed.h"
#include "gate/read.h"
#include "policy/release.h"

#define CANARY "kanarienvogel"
#define RED_ID "indicator--cafe0000-0000-4000-8000-00000000cafe"
#define VICTIM_ID "identity--00000000-0000-4000-8000-0000000000f1"
#define MALWARE_ID "malware--00000000-0000-4000-8000-000000000002"

struct twin {
	struct world world;
	struct gate *gate;
	bool with_red;
	unsigned step;
};

static void at_next_step(struct twin *t)
{
	t->world.clock = INT64_C(1700000000000000) + INT64_C(1000000) * ++t->step;
}

static void add_open(struct twin *t, const char *json, enum tlp tlp)
{
	at_next_step(t);
	(void)world_add(&t->world, json, tlp);
}

/* Only one of the twins has it. */
static void add_red(struct twin *t, const char *json, enum tlp tlp)
{
	at_next_step(t);
	if (t->with_red)
		(void)world_add(&t->world, json, tlp);
}

/* For the members of a community, which leaves out what names victims. */
static void add_club(struct twin *t, const char *json, bool red)
{
	struct label l = {.tlp = TLP_GREEN};
	char bytes[LABEL_ENCODED_MAX];
	struct stix_object o;
	struct record r = {.kind = RECORD_OBJECT, .feed = 1, .content = str_c(json)};
	uint64_t seq;

	at_next_step(t);
	if (red && !t->with_red)
		return;
	assert_int_equal(label_add_community(&l, S("club")), OK);
	arena_reset(t->world.arena);
	WORLD_OK(&t->world, stix_object_parse(&o, t->world.arena, str_c(json), &t->world.fault));
	r.tag = o.type;
	r.id = o.id;
	r.version = o.version;
	r.label = (struct str){bytes, label_encode(&l, bytes)};
	WORLD_OK(&t->world, store_append(t->world.store, &r, 1, &seq, &t->world.fault));
}

static void add_club_sighting(struct twin *t, unsigned n, const char *of, bool red)
{
	char text[WORLD_TEXT];

	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"sighting\",\"spec_version\":\"2.1\","
	    "\"id\":\"sighting--%08x-0000-4000-8000-0000000000cc\","
	    "\"created\":\"2024-02-01T00:00:00.000Z\",\"modified\":\"2024-02-01T00:00:00.000Z\","
	    "\"count\":%u,\"sighting_of_ref\":\"%s\"%s}",
	    n, n + 1, of,
	    red ? ",\"where_sighted_refs\":[\"" VICTIM_ID "\"],"
	          "\"description\":\"" CANARY "\""
	        : "");
	add_club(t, text, red);
}

static void add_sighting(struct twin *t, unsigned n, const char *of, enum tlp tlp, bool red)
{
	char text[WORLD_TEXT];

	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"sighting\",\"spec_version\":\"2.1\","
	    "\"id\":\"sighting--%08x-0000-4000-8000-000000000000\","
	    "\"created\":\"2024-02-01T00:00:00.000Z\",\"modified\":\"2024-02-01T00:00:00.000Z\","
	    "\"first_seen\":\"2024-02-01T00:00:00Z\",\"last_seen\":\"2024-02-0%uT00:00:00Z\","
	    "\"count\":%u,\"sighting_of_ref\":\"%s\"%s}",
	    n, n % 8 + 1, n + 1, of, red ? ",\"description\":\"" CANARY "\"" : "");
	if (red)
		add_red(t, text, tlp);
	else
		add_open(t, text, tlp);
}

static void add_relationship(struct twin *t, unsigned n, const char *from, enum tlp tlp, bool red)
{
	char text[WORLD_TEXT];

	(void)snprintf(text, sizeof(text),
	    "{\"type\":\"relationship\",\"spec_version\":\"2.1\","
	    "\"id\":\"relationship--%08x-0000-4000-8000-000000000000\","
	    "\"created\":\"2024-01-01T00:00:00.000Z\",\"modified\":\"2024-01-01T00:00:00.000Z\","
	    "\"relationship_type\":\"%s\",\"source_ref\":\"%s\",\"target_ref\":\"" MALWARE_ID "\"}",
	    n, red ? CANARY : "indicates", from);
	if (red)
		add_red(t, text, tlp);
	else
		add_open(t, text, tlp);
}

static void add_indicators(struct twin *t)
{
	char text[WORLD_TEXT], pattern[128], id[64];

	for (unsigned i = 0; i < 40; i++) {
		(void)snprintf(
		    pattern, sizeof(pattern), "[domain-name:value = 'host%u.evil.example']", i);
		world_indicator(text, i, 1, pattern, "drifter");
		if (i % 5 == 3)
			add_red(t, text, i % 2 ? TLP_RED : TLP_UNKNOWN);
		else
			add_open(t, text, i % 2 ? TLP_GREEN : TLP_CLEAR);
		/* A newer version that is hidden, an older one that comes late and is hidden. */
		world_indicator(text, i, 5, "[domain-name:value = '" CANARY ".example']", CANARY);
		if (i % 7 == 0)
			add_red(t, text, TLP_AMBER_STRICT);
		world_indicator(text, i, 0, "[domain-name:value = '" CANARY ".example']", CANARY);
		if (i % 11 == 0)
			add_red(t, text, TLP_RED);
		(void)snprintf(
		    id, sizeof(id), "indicator--%08x-0000-4000-8000-%012x", i * 2654435761u, i);
		add_sighting(t, 2 * i, id, TLP_GREEN, false);
		add_sighting(t, 2 * i + 1, id, TLP_RED, true);
		add_club_sighting(t, 2 * i, id, false);
		add_club_sighting(t, 2 * i + 1, id, true);
		add_relationship(t, 2 * i, id, TLP_GREEN, false);
		add_relationship(t, 2 * i + 1, id, TLP_RED, true);
	}
}

static void add_state(struct twin *t)
{
	at_next_step(t);
	world_decide(&t->world, "root/intel", "{\"title\":\"Intel\"}");
	world_decide(&t->world, "collection/5f8d9f9e-0000-4000-8000-000000000001",
	    "{\"feed\":1,\"root\":\"intel\",\"title\":\"All\",\"alias\":\"all\","
	    "\"can_read\":true,\"can_write\":true}");
	world_decide(&t->world, "discovery", "{\"title\":\"T\",\"api_roots\":[\"intel\"]}");
	world_decide(&t->world, "source/dmz",
	    "{\"number\":3,\"kind\":\"eve\",\"path\":\"/x\",\"label\":\"TLP:GREEN\"}");
	if (t->with_red)
		world_decide(&t->world, "source/" CANARY,
		    "{\"number\":4,\"kind\":\"eve\",\"path\":\"/y\",\"label\":\"TLP:RED\"}");
	world_decide(&t->world, "position/dmz",
	    t->with_red ? "{\"offset\":9,\"size\":9,\"lines\":7,\"hits\":77}"
	                : "{\"offset\":9,\"size\":9,\"lines\":7,\"hits\":40}");
}

static void make(struct twin *t, bool with_red)
{
	*t = (struct twin){.with_red = with_red};
	world_make(&t->world);
	add_state(t);
	add_open(t,
	    "{\"type\":\"malware\",\"spec_version\":\"2.1\",\"id\":\"" MALWARE_ID "\","
	    "\"created\":\"2024-01-01T00:00:00.000Z\",\"modified\":\"2024-01-01T00:00:00.000Z\","
	    "\"name\":\"Storm\",\"is_family\":false}",
	    TLP_CLEAR);
	/* The very first and the very last record of a type are hidden ones. */
	add_red(t,
	    "{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"" RED_ID "\","
	    "\"created\":\"2024-01-01T00:00:00.000Z\",\"modified\":\"2024-01-01T00:00:00.000Z\","
	    "\"name\":\"" CANARY "\",\"pattern\":\"[url:value = 'http://" CANARY ".example/']\","
	    "\"pattern_type\":\"stix\",\"valid_from\":\"2024-01-01T00:00:00Z\"}",
	    TLP_RED);
	add_indicators(t);
	add_sighting(t, 999, RED_ID, TLP_RED, true);
	add_club(t,
	    "{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"" VICTIM_ID "\","
	    "\"created\":\"2024-01-01T00:00:00.000Z\",\"modified\":\"2024-01-01T00:00:00.000Z\","
	    "\"name\":\"" CANARY "\",\"identity_class\":\"organization\"}",
	    true);
	at_next_step(t);
	world_follow(&t->world);
	WORLD_OK(
	    &t->world, gate_open(&t->gate, str_c(t->world.dir), &t->world.env, &t->world.fault));
}

static void end(struct twin *t)
{
	gate_close(t->gate);
	world_end(&t->world);
}

struct listing {
	struct gate_ask ask;
	struct buf *out;
};

static void put_fault(struct listing *l, enum err rc, const struct fault *f)
{
	buf_printf(l->out, "  rc=%d %s\n", (int)rc, rc == OK ? "" : f->text);
}

/* Everything of an object but its number in the ledger. */
static void put_object(struct listing *l, const struct gate_object *o)
{
	buf_printf(l->out, "  %.*s %lld %lld %lld %u %u %d %d %d %s\n", STR_ARG(o->id),
	    (long long)o->version, (long long)o->received, (long long)o->added, o->source, o->type,
	    o->revoked, (int)o->spec, (int)o->label.tlp, gate_rule(&l->ask, o));
	buf_put(l->out, o->bytes);
	buf_byte(l->out, '\n');
}

/* Tokens hold a place, which differs, but neither whether they are there nor how long they are. */
static void put_token(struct listing *l, struct str token)
{
	buf_printf(l->out, "  next %zu\n", token.n);
}

static void list_feed(struct listing *l, struct feed_query q)
{
	struct fault f = {.code = OK};
	struct feed_page page;
	enum err rc;

	q.feed = 1;
	q.after = FEED_START;
	q.added_after = INT64_MIN;
	do {
		rc = gate_feed_page(&l->ask, &q, &page, &f);
		put_fault(l, rc, &f);
		for (size_t i = 0; rc == OK && i < page.count; i++)
			put_object(l, &page.items[i]);
		buf_printf(l->out, "  count %zu more %d\n", page.count, page.more);
		if (page.count > 0)
			q.after = (struct feed_position){
			    page.items[page.count - 1].added, page.items[page.count - 1].seq};
	} while (rc == OK && page.more);
}

static void list_feeds(struct listing *l)
{
	static const struct str IDS[] = {S(MALWARE_ID),
	    S("indicator--00000000-0000-4000-8000-000000000000"),
	    S("indicator--dbf3cc26-0000-4000-8000-000000000007")};
	static const struct str TYPES[] = {S("sighting"), S("relationship")};
	uint64_t count = 0;

	for (uint8_t versions = 0; versions < 8; versions++) {
		list_feed(l,
		    (struct feed_query){.limit = 7, .bytes_max = SIZE_MAX, .versions = versions});
		list_feed(l, (struct feed_query){.limit = 100,
		                 .bytes_max = 3000,
		                 .versions = versions,
		                 .types = TYPES,
		                 .type_count = 2});
		for (size_t i = 0; i < 3; i++)
			list_feed(l, (struct feed_query){.limit = 1,
			                 .bytes_max = SIZE_MAX,
			                 .versions = versions,
			                 .ids = &IDS[i],
			                 .id_count = 1});
	}
	assert_int_equal(gate_feed_count(&l->ask, 1, &count, NULL), OK);
	buf_printf(l->out, "feed count %llu\n", (unsigned long long)count);
}

static void list_search(struct listing *l, const char *text, const char *type)
{
	struct gate_query q = {.limit = 6, .text = str_c(text), .type = str_c(type)};
	struct fault f = {.code = OK};
	struct gate_search found;

	buf_printf(l->out, "search %s %s\n", text, type ? type : "");
	do {
		enum err rc = gate_search(&l->ask, &q, &found, &f);

		put_fault(l, rc, &f);
		if (rc != OK)
			return;
		for (size_t i = 0; i < found.count; i++) {
			put_object(l, &found.items[i].object);
			buf_printf(l->out, "  %s %.*s %.*s\n", found.items[i].why,
			    STR_ARG(found.items[i].title), STR_ARG(found.items[i].value));
		}
		put_token(l, found.next);
		q.next = found.next;
	} while (q.next.p);
}

static void put_indicator(struct listing *l, const struct gate_indicator *i)
{
	put_object(l, &i->object);
	buf_printf(l->out, "  %.*s %.*s %llu %lld %d %d\n", STR_ARG(i->name), STR_ARG(i->pattern),
	    (unsigned long long)i->hits, (long long)i->last_hit, i->active, i->confidence);
}

static void put_sighting(struct listing *l, const struct gate_sighting *s)
{
	put_object(l, &s->object);
	buf_printf(l->out, "  %llu %.*s %.*s %.*s %d %.*s %s\n", (unsigned long long)s->count,
	    STR_ARG(s->indicator_id), STR_ARG(s->indicator_name), STR_ARG(s->value), s->confidence,
	    STR_ARG(s->indicator_source), tlp_name(s->indicator.label.tlp).p);
}

static void list_lists(struct listing *l)
{
	struct gate_query q = {.limit = 4};
	struct gate_indicators indicators;
	struct gate_sightings sightings;

	do {
		assert_int_equal(gate_indicators(&l->ask, &q, &indicators, NULL), OK);
		for (size_t i = 0; i < indicators.count; i++)
			put_indicator(l, &indicators.items[i]);
		put_token(l, indicators.next);
		q.next = indicators.next;
	} while (q.next.p);
	do {
		assert_int_equal(gate_sightings(&l->ask, &q, &sightings, NULL), OK);
		for (size_t i = 0; i < sightings.count; i++)
			put_sighting(l, &sightings.items[i]);
		put_token(l, sightings.next);
		q.next = sightings.next;
	} while (q.next.p);
}

static void list_one(struct listing *l, const char *id)
{
	struct fault f = {.code = OK};
	struct gate_relations relations;
	struct gate_versions versions;
	struct gate_object o;
	enum err rc = gate_get(&l->ask, str_c(id), GATE_NEWEST, &o, &f);

	put_fault(l, rc, &f);
	if (rc == OK)
		put_object(l, &o);
	rc = gate_versions(&l->ask, str_c(id), &versions, &f);
	put_fault(l, rc, &f);
	for (size_t i = 0; rc == OK && i < versions.count; i++)
		put_object(l, &versions.items[i]);
	rc = gate_relations(&l->ask, str_c(id), &relations, &f);
	put_fault(l, rc, &f);
	for (size_t i = 0; rc == OK && i < relations.count; i++) {
		const struct gate_relation *r = &relations.items[i];

		buf_printf(l->out, "  %.*s %.*s %.*s %.*s %.*s %d\n", STR_ARG(r->path),
		    STR_ARG(r->id), STR_ARG(r->title), STR_ARG(r->via), STR_ARG(r->via_id), r->out);
	}
}

static void list_figures(struct listing *l)
{
	struct gate_figures f;
	struct gate_sources s;

	assert_int_equal(gate_figures(&l->ask, &f, NULL), OK);
	buf_printf(l->out, "figures %llu %llu %llu %llu ledger %llu\n",
	    (unsigned long long)f.objects, (unsigned long long)f.indicators,
	    (unsigned long long)f.sightings, (unsigned long long)f.sources,
	    (unsigned long long)f.ledger_size);
	for (size_t i = 0; i < f.view_count; i++)
		buf_printf(l->out, "  %s %llu %llu\n", f.views[i].name,
		    (unsigned long long)f.views[i].cursor, (unsigned long long)f.views[i].lag);
	assert_int_equal(gate_sources(&l->ask, &s, NULL), OK);
	for (size_t i = 0; i < s.count; i++)
		buf_printf(l->out, "  %.*s %llu %llu\n", STR_ARG(s.items[i].name),
		    (unsigned long long)s.items[i].hits, (unsigned long long)s.items[i].lines);
}

static void list_events(struct listing *l)
{
	struct gate_events e;
	uint64_t position = 0;

	do {
		assert_int_equal(gate_events(&l->ask, &position, 5, &e, NULL), OK);
		for (size_t i = 0; i < e.count; i++)
			if (e.items[i].kind == GATE_EVENT_INDICATOR)
				put_indicator(l, &e.items[i].indicator);
			else
				put_sighting(l, &e.items[i].sighting);
	} while (e.more);
	buf_printf(l->out, "  position %zu\n", gate_position_seal(&l->ask, position).n);
}

/* Everything the gate says to a reader, by every way out. It is in the club, which withholds. */
static struct buf listing_of(struct twin *t, enum tlp clearance, uint32_t withheld)
{
	const struct reader_community club = {
	    .types = COMMUNITY_TYPES_ALL, .ceiling = TLP_RED, .withheld = withheld};
	static const char *const QUERIES[] = {"drifter", "drif", "evil", "host3.evil.example",
	    "hxxp://host3[.]evil[.]example", "www.host4.evil.example", "indicator", "sighting",
	    "indicator--9e37", "9e37", "storm", "malware", "kanarien", "example", "198.51.100.7"};
	struct reader reader = {
	    .name = S("greta"), .role = ROLE_READER, .own = withheld == 0, .clearance = clearance};
	struct arena *arena = arena_new((size_t)256 << 20);
	struct buf out;

	assert_int_equal(reader_add_community(&reader, S("club"), &club), OK);
	buf_init(&out, (size_t)256 << 20);
	for (int outlet = 0; outlet < OUTLETS; outlet++) {
		struct listing l = {{t->gate, &reader, (enum outlet)outlet, arena}, &out};

		arena_reset(arena);
		list_one(&l, MALWARE_ID);
		list_one(&l, "indicator--00000000-0000-4000-8000-000000000000");
		list_one(&l, "indicator--dbf3cc26-0000-4000-8000-000000000007");
		list_one(&l, "indicator--daa66d2b-0000-4000-8000-000000000003");
		list_one(&l, RED_ID);
		list_one(&l, VICTIM_ID);
		for (size_t i = 0; i < sizeof(QUERIES) / sizeof(QUERIES[0]); i++)
			list_search(&l, QUERIES[i], NULL);
		list_search(&l, "drifter", "indicator");
		list_search(&l, "", "relationship");
		list_feeds(&l);
		list_lists(&l);
		list_figures(&l);
		list_events(&l);
	}
	arena_free(arena);
	assert_int_equal(out.failed, OK);
	return out;
}

/* G5, P11: what a reader may not see changes nothing of what the reader gets. */
static void a_hidden_object_changes_no_answer(void **state)
{
	struct twin with, without;
	struct buf a, b;

	(void)state;
	make(&with, true);
	make(&without, false);
	a = listing_of(&with, TLP_GREEN, WITHHOLD_VICTIMS);
	b = listing_of(&without, TLP_GREEN, WITHHOLD_VICTIMS);
	assert_true(a.n > 200000);
	for (size_t i = 0; i < a.n && i < b.n; i++)
		if (a.p[i] != b.p[i]) {
			size_t from = i > 600 ? i - 600 : 0;

			print_error("differs at %zu:\n%.*s\n-----\n%.*s\n", i, 900, a.p + from, 900,
			    b.p + from);
			break;
		}
	assert_int_equal(a.n, b.n);
	assert_memory_equal(a.p, b.p, a.n);
	buf_free(&a);
	buf_free(&b);
	end(&with);
	end(&without);
}

static bool mentions(const struct buf *b, const char *text)
{
	return memmem(b->p, b->n, text, strlen(text)) != NULL;
}

/* G1, G2: bytes of a red or unreadable object leave by no way out to a reader without clearance. */
static void a_canary_in_a_red_object_leaves_by_no_outlet(void **state)
{
	struct twin t;
	struct buf out;

	(void)state;
	make(&t, true);
	for (enum tlp clearance = TLP_NONE; clearance <= TLP_AMBER; clearance++) {
		out = listing_of(&t, clearance, WITHHOLD_VICTIMS);
		assert_false(mentions(&out, CANARY ".example"));
		assert_false(mentions(&out, "\"" CANARY));
		assert_false(mentions(&out, " " CANARY));
		buf_free(&out);
	}
	/* The same listing does find it for whom it is: the test can fail. */
	out = listing_of(&t, TLP_RED, 0);
	assert_true(mentions(&out, CANARY ".example"));
	buf_free(&out);
	out = listing_of(&t, TLP_GREEN, 0);
	assert_true(mentions(&out, "\"" CANARY));
	buf_free(&out);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_hidden_object_changes_no_answer),
	    cmocka_unit_test(a_canary_in_a_red_object_leaves_by_no_outlet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

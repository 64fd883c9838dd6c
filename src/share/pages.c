/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a collection: manifest, objects, one object, its versions (TAXII 2.1 §5.3 to §5.8). The
 * bytes of objects go from the mapped ledger to the connection untouched. */
#include <stdlib.h>

#include "base/rd.h"
#include "codec/time.h"
#include "share/work.h"

enum {
	PAGE_BYTES_MAX = 16 << 20,
	MANIFEST_BYTES_MAX = 64 << 20,
	NEXT_PLAIN = 16,
	/* Records that came in one submission carry microseconds of their own only so that pages
	 * can be cut between them. */
	ONE_ARRIVAL = 1000,
};

/* The filters of each resource (TAXII 2.1 §3.4.1). */
static const unsigned KNOWN[TAXII_RESOURCES] = {
    [TAXII_MANIFEST] = FILTER_PAGING | FILTER_ID | FILTER_TYPE | FILTER_VERSION | FILTER_SPEC,
    [TAXII_OBJECTS] = FILTER_PAGING | FILTER_ID | FILTER_TYPE | FILTER_VERSION | FILTER_SPEC,
    [TAXII_OBJECT] = FILTER_PAGING | FILTER_VERSION | FILTER_SPEC,
    [TAXII_VERSIONS] = FILTER_PAGING | FILTER_SPEC,
};

/* What a `next` token belongs to: this list under these filters. */
static struct str purpose(struct work *w, const struct filter *filter)
{
	return arena_printf(w->arena, "taxii.next/%d/%u/%.*s/%.*s", (int)w->route.resource,
	    w->collection.feed, STR_ARG(w->route.item), STR_ARG(filter->binding));
}

static struct str seal_next(
    struct work *w, const struct filter *filter, const struct gate_object *last)
{
	char plain[NEXT_PLAIN];
	uint64_t words[2] = {(uint64_t)last->added, last->seq};

	for (size_t i = 0; i < NEXT_PLAIN; i++)
		plain[i] = (char)(words[i / 8] >> (56 - 8 * (i % 8)));
	return gate_token_seal(&w->ask, purpose(w, filter), (struct str){plain, sizeof(plain)});
}

static enum err open_next(struct work *w, const struct filter *filter, struct feed_position *out)
{
	struct str plain = STR_NONE;
	struct feed_position position;
	struct rd rd;

	if (gate_token_open(&w->ask, purpose(w, filter), filter->next, &plain, NULL) != OK)
		return fail(&w->fault, ERR_INVALID,
		    "next: not a value that this server gave for this request");
	rd = rd_of(plain);
	position.added = (usec)rd_u64(&rd);
	position.seq = rd_u64(&rd);
	if (!rd_done(&rd))
		return fail(&w->fault, ERR_INVALID, "next: not a value that this server gave");
	*out = position;
	return OK;
}

enum err pages_query(
    struct work *w, const struct filter *filter, size_t limit, struct feed_page *out)
{
	bool named = w->route.resource == TAXII_OBJECT || w->route.resource == TAXII_VERSIONS;
	struct feed_query query = {
	    .feed = w->collection.feed,
	    .after = FEED_START,
	    .added_after = filter->added_after,
	    .ids = named ? &w->route.item : filter->ids,
	    .id_count = named ? 1 : filter->id_count,
	    .types = filter->types,
	    .type_count = filter->type_count,
	    .versions = w->route.resource == TAXII_VERSIONS ? FEED_VERSION_ALL : filter->versions,
	    .exact = filter->exact,
	    .exact_count = filter->exact_count,
	    .specs = filter->specs,
	    .limit = limit,
	    .bytes_max = PAGE_BYTES_MAX,
	};

	if (filter->seen & FILTER_NEXT)
		TRY(open_next(w, filter, &query.after));
	/* Only specification versions that we do not know: nothing matches. */
	if (filter->seen & FILTER_SPEC && !filter->specs) {
		*out = (struct feed_page){0};
		return OK;
	}
	return gate_feed_page(&w->ask, &query, out, &w->fault);
}

enum err pages_exists(struct work *w, bool *out)
{
	struct filter all = {.versions = FEED_VERSION_ALL,
	    .specs = FEED_SPEC_20 | FEED_SPEC_21,
	    .added_after = INT64_MIN};
	struct feed_page page = {0};

	TRY(pages_query(w, &all, 1, &page));
	*out = page.count > 0;
	return OK;
}

void pages_version(char *text, const struct gate_object *o)
{
	usec version = o->version ? o->version : o->added;

	if (version % 1000)
		time_format(text, version);
	else
		time_format_ms(text, version);
}

static void set_dates(struct work *w, const struct feed_page *page)
{
	char text[TIME_TEXT + 1];

	time_format(text, page->items[0].added);
	http_set(w->rq, "X-TAXII-Date-Added-First", str_c(text));
	time_format(text, page->items[page->count - 1].added);
	http_set(w->rq, "X-TAXII-Date-Added-Last", str_c(text));
}

/* `{"more":…,"next":…,` without what follows. */
static struct str opening(struct work *w, const struct filter *filter, const struct feed_page *page)
{
	struct str next;

	if (!page->more)
		return S("{\"more\":false,");
	next = seal_next(w, filter, &page->items[page->count - 1]);
	return arena_printf(w->arena, "{\"more\":true,\"next\":\"%.*s\",", STR_ARG(next));
}

static void put_objects(struct work *w, const struct feed_page *page)
{
	http_reply_add(w->rq, S("\"objects\":["));
	for (size_t i = 0; i < page->count; i++) {
		if (i)
			http_reply_ref(w->rq, S(","));
		http_reply_ref(w->rq, page->items[i].bytes);
	}
	http_reply_add(w->rq, S("]}"));
}

static void put_manifest(struct work *w, const struct feed_page *page)
{
	struct buf json;
	struct json_writer j;
	char version[TIME_TEXT + 1];

	buf_init(&json, MANIFEST_BYTES_MAX);
	buf_put(&json, S("\"objects\":"));
	j = json_writer(&json);
	json_list(&j, NULL);
	for (size_t i = 0; i < page->count; i++) {
		const struct gate_object *o = &page->items[i];

		pages_version(version, o);
		json_object(&j, NULL);
		json_put_str(&j, "id", o->id);
		json_put_time(&j, "date_added", o->added);
		json_put_str(&j, "version", str_c(version));
		json_put_str(&j, "media_type",
		    o->spec == STIX_SPEC_20 ? S("application/stix+json;version=2.0")
		                            : S("application/stix+json;version=2.1"));
		json_end_object(&j);
	}
	json_end_list(&j);
	buf_byte(&json, '}');
	http_reply_add(w->rq, buf_str(&json));
	buf_free(&json);
}

static int newest_first(const void *pa, const void *pb)
{
	const struct gate_object *a = pa, *b = pb;

	return (a->version < b->version) - (a->version > b->version);
}

/* Versions that came in one submission have no order by date: the newest first. */
static void order_arrivals(struct gate_object *items, size_t count)
{
	for (size_t from = 0, end; from < count; from = end) {
		for (end = from + 1; end < count; end++)
			if (items[end].added - items[end - 1].added >= ONE_ARRIVAL)
				break;
		qsort(&items[from], end - from, sizeof(*items), newest_first);
	}
}

static void put_versions(struct work *w, const struct feed_page *page)
{
	struct buf json;
	struct json_writer j;
	char version[TIME_TEXT + 1];

	order_arrivals(page->items, page->count);
	buf_init(&json, MANIFEST_BYTES_MAX);
	buf_put(&json, S("\"versions\":"));
	j = json_writer(&json);
	json_list(&j, NULL);
	for (size_t i = 0; i < page->count; i++) {
		pages_version(version, &page->items[i]);
		json_put_str(&j, NULL, str_c(version));
	}
	json_end_list(&j);
	buf_byte(&json, '}');
	http_reply_add(w->rq, buf_str(&json));
	buf_free(&json);
}

static void (*const PUT[TAXII_RESOURCES])(struct work *w, const struct feed_page *page) = {
    [TAXII_MANIFEST] = put_manifest,
    [TAXII_OBJECTS] = put_objects,
    [TAXII_OBJECT] = put_objects,
    [TAXII_VERSIONS] = put_versions,
};

/* Nothing matched. An object that is not there at all is not found; anything else is empty. */
static void reply_empty(struct work *w)
{
	bool exists = true;
	enum err rc = OK;

	if (w->route.resource >= TAXII_OBJECT)
		rc = pages_exists(w, &exists);
	if (rc != OK)
		work_fail(w, rc);
	else if (!exists)
		work_refuse(w, 404, "Not found", "no such object in this collection");
	else
		work_reply_json(w, 200, S("{}"));
}

void pages_get(struct work *w)
{
	struct feed_page page = {0};
	struct filter filter = {0};
	size_t limit = w->root.page_limit;
	enum err rc =
	    filter_parse(&filter, w->arena, http_query(w->rq), KNOWN[w->route.resource], &w->fault);

	if (filter.seen & FILTER_LIMIT && filter.limit < limit)
		limit = (size_t)filter.limit;
	if (rc == OK)
		rc = pages_query(w, &filter, limit, &page);
	if (rc != OK) {
		work_fail(w, rc);
		return;
	}
	if (page.count == 0) {
		reply_empty(w);
		return;
	}
	set_dates(w, &page);
	http_set(w->rq, "Content-Type", S(TAXII_MEDIA));
	http_set(w->rq, "Cache-Control", S("no-store"));
	http_set(w->rq, "X-Content-Type-Options", S("nosniff"));
	http_reply_add(w->rq, opening(w, &filter, &page));
	PUT[w->route.resource](w, &page);
	http_reply_send(w->rq, 200);
}

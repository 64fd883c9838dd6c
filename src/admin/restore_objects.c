/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/restore_objects.h"

#include <stdlib.h>

#include "admin/walk.h"
#include "base/mem.h"
#include "codec/jcs.h"
#include "codec/json.h"
#include "codec/time.h"
#include "policy/ceiling.h"
#include "stix/marking.h"
#include "stix/object.h"
#include "store/store.h"
#include "view/purge/purge.h"

enum {
	BATCH = 512,
	BATCH_BYTES = 16 << 20,
	PARSED_BYTES = 32 << 20,
	ARENA_MAX = 512 << 20,
	MANIFEST_MAX = 10 << 20, /* entries */
	FAILURES_BYTES = 1 << 20,
	COMPARE_MAX = 64 << 20,
};

/* One line of a manifest. */
struct dated {
	struct str id;
	int64_t version; /* INT64_MIN when it cannot be read */
	usec added;
};

struct restore_objects {
	const struct command_ctx *ctx;
	const struct restore_options *options;
	struct arena *arena; /* what the records of a batch point to */
	struct record records[BATCH];
	size_t count;
	size_t bytes;
	struct dated *dates;
	size_t date_count;
	size_t total, taken, duplicates, refused;
	struct buf failures; /* JSON of the first ones */
	struct json_writer failure_writer;
};

struct restore_objects *restore_objects_new(
    const struct command_ctx *ctx, const struct restore_options *options)
{
	struct restore_objects *o = mem_alloc(sizeof(*o));

	o->ctx = ctx;
	o->options = options;
	o->arena = arena_new(ARENA_MAX);
	buf_init(&o->failures, FAILURES_BYTES);
	o->failure_writer = json_writer(&o->failures);
	return o;
}

void restore_objects_free(struct restore_objects *o)
{
	if (!o)
		return;
	mem_free(o->dates);
	buf_free(&o->failures);
	arena_free(o->arena);
	mem_free(o);
}

static int compare_dated(const void *pa, const void *pb)
{
	const struct dated *a = pa, *b = pb;
	int order = str_cmp(a->id, b->id);

	if (order != 0)
		return order;
	return a->version < b->version ? -1 : a->version > b->version;
}

static enum err load_manifest(struct restore_objects *o, struct str list, struct fault *fault)
{
	struct str entry = STR_NONE;
	size_t room = 0;
	struct walk w;
	enum err rc;

	o->date_count = 0;
	if (!list.p)
		return OK;
	if (walk_open(&w, list, '[') != OK)
		return fail(fault, ERR_PARSE, "not a medallion data file: a manifest is no list");
	while ((rc = walk_next(&w, NULL, &entry)) == OK) {
		struct dated dated = {
		    .id = walk_text(walk_find(entry, S("id"))), .version = INT64_MIN};

		if (o->date_count == MANIFEST_MAX)
			return fail(
			    fault, ERR_LIMIT, "a manifest has more than %d entries", MANIFEST_MAX);
		if (time_parse_utc(&dated.added, walk_text(walk_find(entry, S("date_added")))) !=
		    OK)
			continue;
		if (time_parse_utc(&dated.version, walk_text(walk_find(entry, S("version")))) != OK)
			dated.version = INT64_MIN;
		if (o->date_count == room) {
			room = room ? room * 2 : 256;
			o->dates = mem_grow(o->dates, room, sizeof(*o->dates));
		}
		o->dates[o->date_count++] = dated;
	}
	if (rc != ERR_NOT_FOUND)
		return fail(fault, ERR_PARSE, "not a medallion data file: a manifest is broken");
	if (o->date_count > 1)
		qsort(o->dates, o->date_count, sizeof(*o->dates), compare_dated);
	return OK;
}

/* When the object was added, by its manifest; 0 (now) when that does not tell. */
static usec date_of(const struct restore_objects *o, const struct stix_object *object)
{
	struct dated key = {
	    .id = object->id, .version = object->has_version ? object->version : INT64_MIN};
	size_t low = 0;
	size_t high = o->date_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_dated(&o->dates[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == o->date_count || !str_eq(o->dates[low].id, key.id) ||
	    (object->has_version && o->dates[low].version != key.version))
		return 0;
	return o->dates[low].added;
}

static void refuse(struct restore_objects *o, struct str id, const char *why)
{
	struct json_writer *j = &o->failure_writer;

	if (o->refused++ >= RESTORE_FAILURES_MAX)
		return;
	json_object(j, NULL);
	json_put_str(j, "id", id);
	json_put_str(j, "version", S(""));
	json_put_str(j, "path", S(""));
	json_put_str(j, "message", str_c(why));
	json_end_object(j);
}

static enum err flush(struct restore_objects *o, struct fault *fault)
{
	uint64_t first;

	if (o->count)
		TRY(store_append(o->ctx->store, o->records, o->count, &first, fault));
	o->count = 0;
	o->bytes = 0;
	arena_reset(o->arena);
	return OK;
}

static bool canonical(struct buf *out, struct arena *arena, struct str json)
{
	struct json_limits limits = JSON_LIMITS_OBJECT;
	yyjson_val *root = NULL;

	return json_parse(&root, arena, json, &limits, NULL) == OK &&
	       jcs_write(out, arena, root, NULL) == OK && out->failed == OK;
}

/* The same value, whatever the white space and the order of its members. */
static bool same_object(struct str a, struct str b)
{
	struct arena *arena;
	struct buf left, right;
	bool same;

	if (str_eq(a, b))
		return true;
	arena = arena_new(COMPARE_MAX);
	buf_init(&left, COMPARE_MAX);
	buf_init(&right, COMPARE_MAX);
	same = canonical(&left, arena, a) && canonical(&right, arena, b) &&
	       str_eq(buf_str(&left), buf_str(&right));
	buf_free(&left);
	buf_free(&right);
	arena_free(arena);
	return same;
}

/* What is there already under this id and version; STR_NONE when nothing is. */
static struct str existing(const struct restore_objects *o, const struct stix_object *object)
{
	uint64_t seq;

	for (size_t i = 0; i < o->count; i++)
		if (o->records[i].version == object->version &&
		    o->records[i].kind == RECORD_OBJECT && str_eq(o->records[i].id, object->id))
			return o->records[i].content;
	seq = store_find_version(o->ctx->store, object->id, object->version);
	return seq == STORE_NONE ? STR_NONE : store_content(o->ctx->store, seq);
}

static bool put_record(
    struct restore_objects *o, const struct stix_object *object, uint32_t feed, struct str content)
{
	struct label label = label_of(stix_object_tlp(object), &o->options->fallback);
	char *bytes = arena_alloc(o->arena, LABEL_ENCODED_MAX);

	if (!bytes)
		return false;
	o->records[o->count++] = (struct record){
	    .kind = content.p ? RECORD_OBJECT : RECORD_MEMBER,
	    .tag = object->type,
	    .flags = (uint8_t)((object->revoked ? RECORD_FLAG_REVOKED : 0) |
	                       (object->spec == STIX_SPEC_20 ? RECORD_FLAG_SPEC_20 : 0)),
	    .id = object->id,
	    .version = object->version,
	    .label = {bytes, label_encode(&label, bytes)},
	    .feed = feed,
	    .added = date_of(o, object),
	    .content = content,
	};
	o->bytes += content.n;
	return true;
}

/* Why its label may not be here; NULL: it may. */
static const char *above_ceiling(const struct restore_objects *o, const struct stix_object *object)
{
	struct label label = label_of(stix_object_tlp(object), &o->options->fallback);
	struct ceiling ceiling;

	/* The configuration was checked when the node started. */
	return ceiling_read(&ceiling, o->ctx->config->ceiling, NULL) == OK
	           ? ceiling_refuses(&ceiling, object->type, &label)
	           : "the node's ceiling cannot be read";
}

static enum err take_object(
    struct restore_objects *o, uint32_t feed, struct str bytes, struct fault *fault)
{
	struct stix_object object;
	const char *why_not;
	struct fault why = {0};
	struct str there;

	if (o->count == BATCH || o->bytes > BATCH_BYTES || arena_used(o->arena) > PARSED_BYTES)
		TRY(flush(o, fault));
	o->total++;
	if (stix_object_parse(&object, o->arena, bytes, &why) != OK || object.id.n > STORE_ID_MAX) {
		refuse(o, walk_text(walk_find(bytes, S("id"))),
		    why.text[0] ? why.text : "id: longer than 255 bytes");
		return OK;
	}
	there = existing(o, &object);
	if (there.p && !same_object(there, bytes)) {
		refuse(o, object.id, "the same id and version is here with other content");
		return OK;
	}
	why_not = above_ceiling(o, &object);
	if (!why_not && purge_forbids(o->ctx->store, object.id, object.version))
		why_not = "it was purged here";
	if (why_not) {
		refuse(o, object.id, why_not);
		return OK;
	}
	if (!put_record(o, &object, feed, there.p ? STR_NONE : bytes))
		return fail(fault, ERR_NOMEM, "no memory to restore objects");
	if (there.p)
		o->duplicates++;
	else
		o->taken++;
	return OK;
}

enum err restore_objects_take(struct restore_objects *o,
    const struct restore_collection *collection, bool dry, struct fault *fault)
{
	struct str bytes = STR_NONE;
	struct walk w;
	enum err rc;

	TRY(load_manifest(o, collection->manifest, fault));
	if (!collection->objects.p)
		return OK;
	rc = walk_open(&w, collection->objects, '[');
	while (rc == OK && (rc = walk_next(&w, NULL, &bytes)) == OK)
		if (!dry)
			TRY(take_object(o, collection->feed, bytes, fault));
	if (rc != ERR_NOT_FOUND)
		return fail(
		    fault, ERR_PARSE, "not a medallion data file: a list of objects is broken");
	return flush(o, fault);
}

void restore_objects_report(const struct restore_objects *o, struct buf *out)
{
	buf_printf(out,
	    "\"total\":%zu,\"taken\":%zu,\"duplicates\":%zu,\"refused\":%zu,\"failures\":[",
	    o->total, o->taken, o->duplicates, o->refused);
	if (o->failures.failed == OK)
		buf_put(out, buf_str(&o->failures));
	buf_byte(out, ']');
}

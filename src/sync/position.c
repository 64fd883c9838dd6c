/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/position.h"

#include "base/base64.h"
#include "codec/json.h"

enum { POSITION_MAX = 64 << 10 };

/* The counts of a position, by name. */
struct count {
	const char *name;
	size_t at;
};

static const struct count COUNTS[] = {
    {"taken", offsetof(struct position, taken)},
    {"duplicates", offsetof(struct position, duplicates)},
    {"differs", offsetof(struct position, differs)},
    {"refused", offsetof(struct position, refused)},
    {"unknown", offsetof(struct position, unknown)},
    {"withdrawn", offsetof(struct position, withdrawn)},
    {"ignored", offsetof(struct position, ignored)},
};

enum { COUNT_OF_COUNTS = sizeof(COUNTS) / sizeof(COUNTS[0]) };

static uint64_t *count_of(struct position *p, size_t i)
{
	return (uint64_t *)(void *)((char *)p + COUNTS[i].at);
}

enum err position_read(struct position *out, const struct store *s, struct str name,
    struct str identity, struct arena *arena, struct fault *fault)
{
	const struct json_limits limits = {.bytes = POSITION_MAX, .depth = 4};
	struct position p = {.identity = identity, .head = S("")};
	struct str path = arena_printf(arena, "position/peer/%.*s", STR_ARG(name)), edge;
	uint64_t seq = path.p ? store_find(s, path) : STORE_NONE;
	yyjson_val *root;

	*out = p;
	if (seq == STORE_NONE)
		return OK;
	TRY(json_parse(&root, arena, store_content(s, seq), &limits, fault));
	if (!str_eq(json_get_str(root, "identity"), identity))
		return OK;
	TRY(base64_decode(&edge, arena, json_get_str(root, "edge")));
	TRY(sync_edge_get(&p.edge, edge, fault));
	p.head = json_get_str(root, "head");
	for (size_t i = 0; i < COUNT_OF_COUNTS; i++)
		*count_of(&p, i) = yyjson_get_uint(yyjson_obj_get(root, COUNTS[i].name));
	*out = p;
	return OK;
}

static void put_base64(struct json_writer *w, const char *key, struct str bytes)
{
	struct buf text;

	buf_init(&text, 2 * SYNC_EDGE_BYTES_MAX);
	base64_put(&text, bytes);
	json_put_str(w, key, buf_str(&text));
	buf_free(&text);
}

void position_put(struct buf *out, const struct position *p, usec now)
{
	struct position counts = *p;
	struct sha256 root = sync_edge_root(&p->edge);
	struct json_writer w = json_writer(out);
	struct buf edge;

	buf_init(&edge, SYNC_EDGE_BYTES_MAX);
	sync_edge_put(&p->edge, &edge);
	json_object(&w, NULL);
	json_put_str(&w, "identity", p->identity);
	json_put_int(&w, "size", (int64_t)sync_edge_size(&p->edge));
	put_base64(&w, "root", (struct str){(const char *)root.b, SHA256_LEN});
	put_base64(&w, "edge", buf_str(&edge));
	json_put_str(&w, "head", p->head);
	for (size_t i = 0; i < COUNT_OF_COUNTS; i++)
		json_put_int(&w, COUNTS[i].name, (int64_t)*count_of(&counts, i));
	json_put_time(&w, "time", now);
	json_end_object(&w);
	buf_free(&edge);
}

void evidence_put(struct buf *out, const struct evidence *e)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "peer", e->peer);
	json_put_str(&w, "identity", e->identity);
	json_put_str(&w, "why", e->why);
	json_put_str(&w, "held", e->held);
	json_put_str(&w, "shown", e->shown);
	json_put_time(&w, "time", e->time);
	json_end_object(&w);
}

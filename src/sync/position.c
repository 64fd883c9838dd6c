/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/position.h"

#include <inttypes.h>

#include "base/base64.h"
#include "codec/json.h"
#include "codec/time.h"
#include "store/checkpoint.h"

enum { POSITION_MAX = 64 << 10, MEETING_MEMORY = 1 << 20 };

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
    {"above", offsetof(struct position, above)},
    {"withdrawn", offsetof(struct position, withdrawn)},
    {"ignored", offsetof(struct position, ignored)},
};

enum { COUNT_OF_COUNTS = sizeof(COUNTS) / sizeof(COUNTS[0]) };

static uint64_t *count_of(struct position *p, size_t i)
{
	return (uint64_t *)(void *)((char *)p + COUNTS[i].at);
}

/* What was decided last about a peer of one identity. */
struct decided {
	uint64_t seq; /* STORE_NONE: nothing was */
	yyjson_val *root;
};

static enum err find_decision(struct decided *out, struct arena *arena, const struct store *s,
    struct str path, struct str identity, struct fault *fault)
{
	const struct json_limits limits = {.bytes = POSITION_MAX, .depth = 4};
	struct decided d = {.seq = path.p ? store_find(s, path) : STORE_NONE};

	if (d.seq != STORE_NONE) {
		TRY(json_parse(&d.root, arena, store_content(s, d.seq), &limits, fault));
		if (!str_eq(json_get_str(d.root, "identity"), identity))
			d.seq = STORE_NONE;
	}
	*out = d;
	return OK;
}

static bool is_meeting(struct arena *arena, struct str decision)
{
	const struct json_limits limits = {.bytes = POSITION_MAX, .depth = 8};
	yyjson_val *root;

	return json_parse(&root, arena, decision, &limits, NULL) == OK &&
	       str_eq(json_get_str(root, "state"), S("met"));
}

/* Where the acquaintance began: the newest time that the two nodes met, or 0. However much was
 * decided about the peer since. */
static uint64_t find_meeting(const struct store *s, struct str name)
{
	struct arena *look = arena_new(MEETING_MEMORY);
	struct str path = arena_printf(look, "peer/%.*s", STR_ARG(name));
	uint64_t seq = path.p ? store_find(s, path) : STORE_NONE;

	arena_reset(look);
	while (seq != STORE_NONE && !is_meeting(look, store_content(s, seq))) {
		arena_reset(look);
		seq = store_older(s, seq);
	}
	arena_free(look);
	return seq == STORE_NONE ? 0 : seq;
}

static struct str position_path(struct arena *arena, struct str name)
{
	return arena_printf(arena, "position/peer/%.*s", STR_ARG(name));
}

static struct str evidence_path(struct arena *arena, struct str name)
{
	return arena_printf(arena, "evidence/%.*s", STR_ARG(name));
}

enum err position_read(struct position *out, const struct store *s, struct str name,
    struct str identity, struct arena *arena, struct fault *fault)
{
	struct position p = {.identity = identity, .head = S("")};
	struct decided d, evidence;
	yyjson_val *root;
	struct str edge;

	*out = p;
	TRY(find_decision(&d, arena, s, position_path(arena, name), identity, fault));
	TRY(find_decision(&evidence, arena, s, evidence_path(arena, name), identity, fault));
	if (d.seq == STORE_NONE)
		return OK;
	/* Of the feed that ended when the peer was invited anew. */
	if (evidence.seq != STORE_NONE && d.seq < evidence.seq &&
	    evidence.seq < find_meeting(s, name))
		return OK;
	root = d.root;
	TRY(base64_decode(&edge, arena, json_get_str(root, "edge")));
	TRY(sync_edge_get(&p.edge, edge, fault));
	p.head = json_get_str(root, "head");
	for (size_t i = 0; i < COUNT_OF_COUNTS; i++)
		*count_of(&p, i) = yyjson_get_uint(yyjson_obj_get(root, COUNTS[i].name));
	if (time_parse_utc(&p.time, json_get_str(root, "time")) != OK)
		p.time = 0;
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

static const char REWOUND[] = "rewound", EQUIVOCATES[] = "equivocates";

void evidence_put(struct buf *out, const struct evidence *e)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_str(&w, "peer", e->peer);
	json_put_str(&w, "identity", e->identity);
	json_put_str(&w, "reason", str_c(e->reason == SYNC_REASON_REWOUND ? REWOUND : EQUIVOCATES));
	json_put_str(&w, "why", e->why);
	json_put_str(&w, "held", e->held);
	json_put_str(&w, "shown", e->shown);
	json_put_time(&w, "time", e->time);
	json_end_object(&w);
}

static bool is_proof(const struct evidence *e)
{
	struct checkpoint held, shown;

	return checkpoint_parse(&held, e->held, NULL) == OK &&
	       checkpoint_parse(&shown, e->shown, NULL) == OK && sync_heads_conflict(&held, &shown);
}

enum err evidence_read(struct evidence *out, const struct store *s, struct str name,
    struct str identity, struct arena *arena, struct fault *fault)
{
	struct evidence e = {.peer = name, .identity = identity};
	struct decided d, position;
	yyjson_val *root;

	TRY(find_decision(&d, arena, s, evidence_path(arena, name), identity, fault));
	TRY(find_decision(&position, arena, s, position_path(arena, name), identity, fault));
	if (d.seq == STORE_NONE)
		return fail(fault, ERR_NOT_FOUND,
		    "nothing is held against %.*s: it never denied what it had signed",
		    STR_ARG(name));
	root = d.root;
	e.why = json_get_str(root, "why");
	e.held = json_get_str(root, "held");
	e.shown = json_get_str(root, "shown");
	if (time_parse_utc(&e.time, json_get_str(root, "time")) != OK)
		e.time = 0;
	e.reason = str_eq(json_get_str(root, "reason"), str_c(REWOUND)) ? SYNC_REASON_REWOUND
	                                                                : SYNC_REASON_EQUIVOCATES;
	e.proof = is_proof(&e);
	/* What came back with what it had signed goes on; two stories stay two stories. */
	e.stands = d.seq > find_meeting(s, name) &&
	           !(e.reason == SYNC_REASON_REWOUND && position.seq != STORE_NONE &&
	               position.seq > d.seq);
	*out = e;
	return OK;
}

static enum err open_head(struct checkpoint *out, const char *which, struct str note,
    const struct note_keys *keys, struct fault *fault)
{
	struct fault why = {.code = OK};
	struct str text;
	enum err rc = note_open_all(&text, note, keys, &why);

	if (rc == OK)
		rc = checkpoint_parse(out, text, &why);
	return rc == OK ? OK : fail(fault, ERR_INVALID, "the head %s: %s", which, why.text);
}

enum err evidence_check(struct checkpoint *out, struct str held, struct str shown,
    const struct note_keys *keys, struct fault *fault)
{
	struct checkpoint a, b;

	TRY(open_head(&a, "held", held, keys, fault));
	TRY(open_head(&b, "shown", shown, keys, fault));
	if (!str_eq(a.origin, b.origin))
		return fail(fault, ERR_INVALID, "the two heads are of two feeds");
	if (a.size != b.size)
		return fail(fault, ERR_INVALID,
		    "both heads are signed, one over %" PRIu64 " entries, one over %" PRIu64
		    ": heads of two sizes can both be true, so they prove nothing by themselves",
		    a.size, b.size);
	if (!sync_heads_conflict(&a, &b))
		return fail(fault, ERR_INVALID, "the two heads say the same");
	*out = a;
	return OK;
}

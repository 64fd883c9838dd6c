/* SPDX-License-Identifier: Apache-2.0 */
#include "store/verify_keys.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/mem.h"

enum { KEYS_ARENA = 64 << 20 };

/* A statement of this node or of one of its peers: whose it is, its keys say. */
struct stated {
	uint64_t record;
	struct str note;
};

struct verify_keys {
	struct arena *arena;
	struct stated *list;
	size_t count;
	bool full;
};

struct verify_keys *verify_keys_new(void)
{
	struct verify_keys *k = mem_alloc(sizeof(*k));

	k->arena = arena_new(KEYS_ARENA);
	return k;
}

void verify_keys_free(struct verify_keys *k)
{
	arena_free(k->arena);
	mem_free(k->list);
	mem_free(k);
}

void verify_keys_look(struct verify_keys *k, uint64_t number, const struct record *r)
{
	struct str note;

	if (r->kind != RECORD_DECISION || !str_starts(r->id, S(ROTATION_PREFIX)) || k->full)
		return;
	note = rotation_record_note(k->arena, r->content);
	if (!note.p)
		return;
	if (k->count % ROTATIONS_MAX == 0)
		k->list = mem_grow(k->list, k->count + ROTATIONS_MAX, sizeof(*k->list));
	note = arena_str(k->arena, note);
	k->full = !note.p;
	if (note.p)
		k->list[k->count++] = (struct stated){.record = number, .note = note};
}

static enum err parse_keys(
    struct note_keys *out, const struct key_lines *lines, struct arena *arena, struct fault *fault)
{
	struct str text =
	    arena_printf(arena, "%.*s\n%.*s", STR_ARG(lines->key), STR_ARG(lines->pq_key));

	if (!text.p)
		return fail(fault, ERR_NOMEM, "no memory for keys");
	return note_keys_parse(out, arena, text, fault);
}

/* The verifier may have one of the two keys only. */
static bool is_key(const struct note_keys *given, const struct note_keys *keys)
{
	return str_eq(keys->key.name, given->key.name) && str_eq(keys->key.key, given->key.key) &&
	       (!given->mldsa.name.p || str_eq(keys->mldsa.key, given->mldsa.key));
}

/* Killed while it wrote its public keys, a node has the old one beside the new one. */
static bool is_mixed(
    const struct note_keys *given, const struct note_keys *before, const struct note_keys *after)
{
	const struct note_keys mixed = {.key = before->key, .mldsa = after->mldsa};

	return is_key(given, &mixed);
}

static void note_step(
    struct verify_report *report, const struct stated *s, const struct rotation *r, bool back)
{
	struct verify_rotation *out = &report->rotations[report->rotation_count++];
	struct str before = key_lines_id(&r->before);
	struct str after = key_lines_id(&r->after);

	*out = (struct verify_rotation){.record = s->record, .time = r->time, .back = back};
	(void)snprintf(out->before, sizeof(out->before), "%.*s", STR_ARG(before));
	(void)snprintf(out->after, sizeof(out->after), "%.*s", STR_ARG(after));
}

static enum err judge(struct verify_keys *k, struct verify_report *report, struct note_keys *keys,
    struct arena *arena, struct fault *fault)
{
	uint64_t size = report->signed_size;

	for (size_t i = 0; i < k->count; i++) {
		const struct stated *s = &k->list[i];
		struct note_keys before, after;
		struct rotation r;
		bool mixed;

		if (rotation_read(&r, arena, s->note, NULL) != OK)
			continue;
		TRY(parse_keys(&before, &r.before, arena, fault));
		TRY(parse_keys(&after, &r.after, arena, fault));
		mixed = is_mixed(keys, &before, &after);
		if (s->record < size && (mixed || is_key(keys, &before))) {
			if (report->rotation_count == VERIFY_ROTATIONS_MAX)
				return fail(fault, ERR_LIMIT,
				    "more than %d rotations lead from the given key to the one "
				    "that signed: give a newer key",
				    VERIFY_ROTATIONS_MAX);
			note_step(report, s, &r, false);
			*keys = after;
		} else if (s->record >= size && report->rotation_count == 0 &&
		           (mixed || is_key(keys, &after))) {
			/* The process died before the new keys signed their first checkpoint. */
			note_step(report, s, &r, true);
			*keys = before;
			return OK;
		}
	}
	return OK;
}

enum err verify_keys_judge(struct verify_keys *k, struct verify_report *report,
    const struct note_keys *given, struct str note, struct fault *fault)
{
	struct note_keys keys = *given;
	struct str text;

	TRY(judge(k, report, &keys, k->arena, fault));
	if (note_open_all(&text, note, &keys, fault) == OK)
		return OK;
	if (report->rotation_count > 0) {
		const struct verify_rotation *last = &report->rotations[report->rotation_count - 1];

		return fail(fault, ERR_INVALID,
		    "the checkpoint is not signed by the keys that record %" PRIu64
		    " makes those of this ledger",
		    last->record);
	}
	return fault->code == OK ? fail(fault, ERR_INVALID, "the checkpoint is not signed")
	                         : fault->code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/hunt/sweep.h"

#include <string.h>

#include "base/mem.h"
#include "pattern/values.h"
#include "sys/env.h"

enum {
	WAITING_MAX = 1000,
	LOOK_MAX = 1 << 22, /* entries of the history, for one pattern */
	LOOK_AT_ONCE = 64,  /* between looks at the clock */
	TOLD_MAX = 100,     /* sightings of one indicator, as for values */
	VALUE_MAX = 8 << 10,
};

struct sweeps {
	const struct log *log;
	struct sweep_of waiting[WAITING_MAX];
	size_t count;
	/* The first of them, once it is begun. */
	struct pattern_values *values;
	struct term next; /* not looked at yet; `bytes` has its value */
	char bytes[VALUE_MAX];
	bool begun;
	size_t looked, told;
	/* Of the piece that is being looked at. */
	struct before *before;
	usec until;
	bool stopped, appended;
	enum err rc;
	struct fault fault;
};

struct sweeps *sweeps_new(const struct log *log)
{
	struct sweeps *s = mem_alloc(sizeof(*s));

	s->log = log;
	return s;
}

void sweeps_free(struct sweeps *s)
{
	if (!s)
		return;
	pattern_values_free(s->values);
	mem_free(s);
}

enum err sweeps_takes(struct str pattern, struct fault *fault)
{
	struct pattern_values *values = NULL;
	enum err rc = pattern_values_new(&values, pattern, fault);

	pattern_values_free(values);
	return rc;
}

bool sweeps_add(struct sweeps *s, uint64_t seq, usec known)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->waiting[i].seq == seq)
			return true;
	if (s->count == WAITING_MAX)
		return false;
	s->waiting[s->count++] = (struct sweep_of){seq, known};
	return true;
}

const struct sweep_of *sweeps_first(const struct sweeps *s)
{
	return s->count ? &s->waiting[0] : NULL;
}

void sweeps_drop(struct sweeps *s)
{
	pattern_values_free(s->values);
	s->values = NULL;
	s->begun = false;
	s->looked = s->told = 0;
	if (s->count == 0)
		return;
	s->count--;
	memmove(&s->waiting[0], &s->waiting[1], s->count * sizeof(s->waiting[0]));
}

static void note_next(struct sweeps *s, const struct term *t)
{
	s->begun = true;
	s->next = *t;
	s->next.value = (struct str){s->bytes, t->value.n};
	memcpy(s->bytes, t->value.p, t->value.n);
}

static bool is_over(struct sweeps *s)
{
	if (s->looked < LOOK_MAX && s->told < TOLD_MAX)
		return false;
	log_event(s->log, LOG_WARNING, "retro.more", LOG_KV({"indicator", s->before->indicator}));
	return true;
}

static bool look_at(void *ctx, const struct history_entry *e)
{
	struct sweeps *s = ctx;
	bool appended;

	if (e->term.value.n > VALUE_MAX || is_over(s))
		return e->term.value.n > VALUE_MAX;
	if (s->looked % LOOK_AT_ONCE == 0 && sys_monotonic() >= s->until) {
		/* A value that several sources saw is looked at again; that adds nothing. */
		s->stopped = true;
		s->looked++;
		note_next(s, &e->term);
		return false;
	}
	s->looked++;
	if (!pattern_values_takes(s->values, &e->term))
		return true;
	arena_reset(s->before->arena);
	s->rc = before_tell(s->before, e, &appended, &s->fault);
	if (s->rc != OK) {
		note_next(s, &e->term);
		return false;
	}
	s->told += appended;
	s->appended |= appended;
	return true;
}

enum err sweeps_go_on(struct sweeps *s, struct sweep_piece *piece, struct fault *fault)
{
	usec known = piece->before->known;
	enum err rc;

	piece->done = true;
	if (!s->values)
		TRY(pattern_values_new(&s->values, piece->pattern, fault));
	s->stopped = s->appended = false;
	s->before = piece->before;
	s->until = piece->until;
	s->rc = OK;
	rc = s->begun ? history_scan_on(
	                    piece->history, &s->next, HISTORY_ALWAYS_FROM, known, look_at, s, fault)
	              : history_scan(piece->history, pattern_values_kind(s->values),
	                    HISTORY_ALWAYS_FROM, known, look_at, s, fault);
	piece->appended |= s->appended;
	if (s->rc != OK)
		*fault = s->fault;
	piece->done = s->rc == OK && (rc != OK || !s->stopped);
	return s->rc != OK ? s->rc : rc;
}

void sweeps_put(const struct sweeps *s, struct json_writer *w, const char *key)
{
	json_list(w, key);
	for (size_t i = 0; i < s->count; i++) {
		json_list(w, NULL);
		json_put_int(w, NULL, s->waiting[i].known);
		json_put_int(w, NULL, (int64_t)s->waiting[i].seq);
		json_end_list(w);
	}
	json_end_list(w);
}

void sweeps_get(struct sweeps *s, yyjson_val *list)
{
	yyjson_val *entry;
	size_t i, n;

	yyjson_arr_foreach(list, i, n, entry)
	{
		if (!sweeps_add(s, yyjson_get_uint(yyjson_arr_get(entry, 1)),
		        yyjson_get_sint(yyjson_arr_get(entry, 0))))
			return;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What makes segments out of segments: merging, retention, erasing. */
#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "history/store_internal.h"

/* Segments that become one, under way. `parts` are their places in the manifest, which stay what
 * they are until the job ends: adopting adds behind them. */
struct job {
	size_t parts[FAN_RUNS];
	struct segment segments[FAN_RUNS]; /* as they are mapped */
	size_t count;
	uint64_t number;
	uint8_t level;
	struct cursor *cursors;
	struct merger merger;
	struct keeping keeping;
};

static void job_free(struct job *j)
{
	segment_writer_free(j->keeping.writer);
	merger_free(&j->merger);
	mem_free(j->cursors);
	mem_free(j);
}

void store_stop_job(struct history_store *s)
{
	if (!s->job)
		return;
	store_unlink(s, s->job->number);
	job_free(s->job);
	s->job = NULL;
}

static enum err job_new(struct job **out, struct history_store *s, const size_t *parts,
    size_t count, uint8_t level, struct fault *fault)
{
	struct job *j;
	struct segment_writer *writer;
	uint64_t keys = 0, number = s->manifest.next;

	for (size_t i = 0; i < count; i++)
		keys += s->segments[parts[i]].keys;
	TRY(segment_writer_new(&writer, s->dir_fd, number, keys, fault));
	j = mem_alloc(sizeof(*j));
	memcpy(j->parts, parts, count * sizeof(*parts));
	j->count = count;
	j->number = number;
	j->level = level;
	j->keeping.writer = writer;
	j->keeping.from = s->manifest.horizon;
	j->keeping.until = HOUR_END;
	j->cursors = mem_alloc(count * sizeof(*j->cursors));
	merger_init(&j->merger, count);
	for (size_t i = 0; i < count; i++) {
		j->segments[i] = s->segments[parts[i]];
		merger_add(&j->merger, &j->cursors[i],
		    cursor_segment(&j->cursors[i], &j->segments[i], STR_NONE));
	}
	/* Runs that are adopted meanwhile take the numbers behind it. */
	s->manifest.next++;
	*out = j;
	return OK;
}

/* All groups are through. */
static enum err job_end(struct history_store *s, struct job *j, struct fault *fault)
{
	struct change change = {j->parts, j->count, j->number, j->level};
	uint64_t old = s->manifest.old, merges = s->manifest.merges;
	bool made = j->keeping.kept > 0;
	enum err rc = OK;

	if (j->merger.bad)
		rc = fail(fault, ERR_CORRUPT, "history: a segment is damaged");
	if (rc == OK && made)
		rc = segment_finish(j->keeping.writer, fault);
	if (rc != OK || !made)
		store_unlink(s, j->number);
	TRY(rc);
	s->manifest.old += j->keeping.old;
	s->manifest.merges++;
	rc = store_replace(s, &change, made, fault);
	if (rc != OK) {
		s->manifest.old = old;
		s->manifest.merges = merges;
	}
	return rc;
}

/* Whether retention has ended so much of the segment that it is worth making anew. */
static bool is_old(const struct manifest *m, const struct segment *s)
{
	return m->keep > 0 && (uint64_t)s->first_hour + m->keep / 8 + HOURS_DAY < m->horizon;
}

static unsigned fan_of(size_t level)
{
	return level == 0 ? FAN_RUNS : FAN;
}

static size_t of_level(const struct history_store *s, uint8_t level, size_t parts[FAN_RUNS])
{
	const struct manifest *m = &s->manifest;
	uint64_t bytes = 0;
	size_t n = 0, fan = fan_of(level);

	for (size_t i = 0; i < m->part_count && n < fan; i++) {
		if (m->parts[i].level != level || s->segments[i].bytes > SEGMENT_BYTES_MAX / 2)
			continue;
		parts[n++] = i;
		bytes += s->segments[i].bytes;
	}
	return n == fan && bytes <= SEGMENT_BYTES_MAX ? n : 0;
}

/* What is due: its parts, 0 when nothing is. */
static size_t pick(const struct history_store *s, size_t parts[FAN_RUNS], uint8_t *level)
{
	const struct manifest *m = &s->manifest;

	for (int l = 0; l < MANIFEST_LEVELS - 1; l++) {
		size_t n = of_level(s, (uint8_t)l, parts);

		*level = (uint8_t)(l + 1);
		if (n > 0)
			return n;
	}
	for (size_t i = 0; i < m->part_count; i++) {
		if (is_old(m, &s->segments[i])) {
			*level = m->parts[i].level;
			parts[0] = i;
			return 1;
		}
	}
	return 0;
}

enum err history_merge(struct history_store *s, uint64_t rows, bool *more, struct fault *fault)
{
	struct row_sink sink;
	size_t parts[FAN_RUNS], n;
	uint64_t end;
	uint8_t level;
	enum err rc;

	*more = false;
	if (!s->job) {
		n = pick(s, parts, &level);
		if (n == 0)
			return OK;
		TRY(job_new(&s->job, s, parts, n, level, fault));
	}
	sink = keeping_sink(&s->job->keeping);
	end = s->job->merger.rows + rows;
	*more = true;
	while (s->job->merger.rows < end && merger_group(&s->job->merger, &sink))
		;
	rc = segment_failed(s->job->keeping.writer, fault);
	if (rc == OK && !s->job->merger.bad && s->job->merger.count > 0)
		return OK;
	if (rc == OK)
		rc = job_end(s, s->job, fault);
	else
		store_unlink(s, s->job->number);
	job_free(s->job);
	s->job = NULL;
	*more = rc == OK && pick(s, parts, &level) > 0;
	return rc;
}

unsigned history_behind(const struct history_store *s)
{
	unsigned counts[MANIFEST_LEVELS] = {0}, behind = 0;

	for (size_t i = 0; i < s->manifest.part_count; i++)
		counts[s->manifest.parts[i].level]++;
	for (size_t l = 0; l < MANIFEST_LEVELS - 1; l++)
		behind += counts[l] >= fan_of(l) ? counts[l] - fan_of(l) + 1 : 0;
	return behind;
}

enum err history_retain(struct history_store *s, usec keep, usec now, struct fault *fault)
{
	struct manifest *m = &s->manifest;
	uint32_t hours = hour_at(keep), latest = 0, horizon = 0, old_keep = m->keep;
	uint32_t old_horizon = m->horizon;
	uint64_t old = m->old;
	size_t *gone, n = 0;
	struct change change;
	enum err rc;

	for (size_t i = 0; i < m->part_count; i++)
		if (s->segments[i].last_hour > latest)
			latest = s->segments[i].last_hour;
	if (latest > hour_at(now))
		latest = hour_at(now);
	if (keep > 0 && latest > hours)
		horizon = latest - hours;
	if (horizon <= m->horizon && hours == m->keep)
		return OK;
	m->keep = hours;
	m->horizon = horizon > m->horizon ? horizon : m->horizon;
	gone = mem_alloc((m->part_count + 1) * sizeof(*gone));
	for (size_t i = 0; i < m->part_count; i++) {
		if (s->segments[i].last_hour >= m->horizon)
			continue;
		gone[n++] = i;
		m->old += s->segments[i].rows;
	}
	/* A merge may be of what goes; what it makes anew it drops by the new horizon. */
	store_stop_job(s);
	change = (struct change){.gone = gone, .gone_count = n, .number = m->next};
	rc = store_replace(s, &change, false, fault);
	if (rc != OK) {
		m->keep = old_keep;
		m->horizon = old_horizon;
		m->old = old;
	}
	mem_free(gone);
	return rc;
}

/* What is erased: the keys of values, sorted not at all, for there are few. */
struct erasing {
	const struct term *values;
	size_t count;
	struct str *keys;
};

static bool is_erased_term(const struct erasing *e, const struct term *t)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->values[i].kind == t->kind && str_eq(e->values[i].value, t->value))
			return true;
	return false;
}

static bool is_erased(void *ctx, struct str key)
{
	const struct erasing *e = ctx;
	struct term name, answer;
	struct key_room room;

	if (key_is_pair(key))
		return key_get_pair(&name, &answer, &room, key) &&
		       (is_erased_term(e, &name) || is_erased_term(e, &answer));
	for (size_t i = 0; i < e->count; i++)
		if (str_eq(e->keys[i], key))
			return true;
	return false;
}

static bool may_hold_any(const struct erasing *e, const struct segment *s)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->values[i].kind <= TERM_DOMAIN ||
		    segment_may_hold(s, segment_print(e->keys[i])))
			return true;
	return false;
}

/* One part without them; *dropped stays 0 when they were not there. */
static enum err erase_part(
    struct history_store *s, size_t part, struct erasing *e, uint64_t *dropped, struct fault *fault)
{
	struct row_sink sink;
	struct job *j;
	enum err rc = OK;

	TRY(job_new(&j, s, &part, 1, s->manifest.parts[part].level, fault));
	j->keeping.drop = is_erased;
	j->keeping.ctx = e;
	sink = keeping_sink(&j->keeping);
	while (merger_group(&j->merger, &sink))
		;
	*dropped = j->keeping.dropped;
	if (*dropped > 0 || j->merger.bad)
		rc = job_end(s, j, fault);
	else
		store_unlink(s, j->number);
	job_free(j);
	return rc;
}

enum err history_erase(struct history_store *s, const struct term *values, size_t count,
    uint64_t *erased, struct fault *fault)
{
	struct erasing e = {.values = values, .count = count};
	enum err rc = OK;
	size_t n = 0;
	char *room;

	*erased = 0;
	for (size_t i = 0; i < count; i++) {
		if (!key_takes(&values[i]))
			return fail(fault, ERR_INVALID, "history: no value that could be in it");
		n += 1 + values[i].value.n;
	}
	store_stop_job(s);
	store_stop_noting(s);
	room = mem_alloc(n + 1);
	e.keys = mem_alloc((count + 1) * sizeof(*e.keys));
	n = 0;
	for (size_t i = 0; i < count; i++) {
		e.keys[i] = (struct str){room + n, key_put(room + n, &values[i])};
		n += e.keys[i].n;
	}
	/* From the last one on: a part of which nothing is left takes no later one's place. */
	for (size_t i = s->manifest.part_count; rc == OK && i > 0; i--) {
		uint64_t dropped = 0;

		if (may_hold_any(&e, &s->segments[i - 1]))
			rc = erase_part(s, i - 1, &e, &dropped, fault);
		if (rc == OK)
			*erased += dropped;
	}
	mem_free(e.keys);
	mem_free(room);
	return rc;
}

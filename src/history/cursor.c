/* SPDX-License-Identifier: Apache-2.0 */
#include "history/cursor.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "history/run.h"
#include "history/sort.h"

/* To the next record, over the ends of blocks. */
static enum record_step next_record(struct cursor *c)
{
	enum record_step step = record_next(&c->records);

	while (step == RECORD_END && c->segment && c->block < c->segment->blocks) {
		struct str block;

		if (!segment_block(c->segment, c->block++, &block))
			return RECORD_BAD;
		record_continue(&c->records, block);
		step = record_next(&c->records);
	}
	return step;
}

/* Reads the first row of the record. */
static enum cursor_step open_record(struct cursor *c, enum record_step step)
{
	bool same = c->records.same;
	struct str key = c->records.key;

	if (step != RECORD_GOOD)
		return step == RECORD_END ? CURSOR_END : CURSOR_BAD;
	if (record_row(&c->records, &c->row) != RECORD_GOOD)
		return CURSOR_BAD;
	if (same)
		return CURSOR_ROW;
	if (c->segment)
		c->source = c->records.source;
	for (size_t i = 0; i < CURSOR_STARTS; i++)
		c->start[i] = sort_bytes_at(key, i * sizeof(c->start[i]));
	return CURSOR_GROUP;
}

enum cursor_step cursor_run(struct cursor *c, struct str run, uint32_t source)
{
	c->segment = NULL;
	c->source = source;
	record_start(&c->records, str_from(run, HISTORY_RUN_HEADER));
	return open_record(c, next_record(c));
}

enum cursor_step cursor_segment(struct cursor *c, const struct segment *s, struct str from)
{
	enum record_step step;

	c->segment = s;
	c->block = from.n > 0 ? segment_seek(s, from) : 0;
	record_start(&c->records, (struct str){s->map, 0});
	do
		step = next_record(c);
	while (step == RECORD_GOOD && str_cmp(c->records.key, from) < 0);
	/* The first one looked at is the first of its group, whatever went before. */
	c->records.same = false;
	return open_record(c, step);
}

enum cursor_step cursor_next(struct cursor *c)
{
	enum record_step step = record_row(&c->records, &c->row);

	if (step == RECORD_GOOD)
		return CURSOR_ROW;
	if (step == RECORD_BAD)
		return CURSOR_BAD;
	return open_record(c, next_record(c));
}

void merger_init(struct merger *m, size_t cursors_max)
{
	*m = (struct merger){0};
	m->heap = mem_alloc((cursors_max + 1) * sizeof(struct cursor *));
	m->ties = mem_alloc((cursors_max + 1) * sizeof(struct cursor *));
}

void merger_free(struct merger *m)
{
	mem_free(m->heap);
	mem_free(m->ties);
	*m = (struct merger){0};
}

static int order(const struct cursor *a, const struct cursor *b)
{
	int keys;

	for (size_t i = 0; i < CURSOR_STARTS; i++)
		if (a->start[i] != b->start[i])
			return a->start[i] < b->start[i] ? -1 : 1;
	keys = str_cmp(a->records.key, b->records.key);
	if (keys != 0)
		return keys;
	return a->source < b->source ? -1 : a->source > b->source;
}

static void sift_down(struct merger *m)
{
	struct cursor *c = m->heap[0];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < m->count) {
		if (child + 1 < m->count && order(m->heap[child + 1], m->heap[child]) < 0)
			child++;
		if (order(c, m->heap[child]) <= 0)
			break;
		m->heap[at] = m->heap[child];
		at = child;
	}
	m->heap[at] = c;
}

static void push(struct merger *m, struct cursor *c)
{
	size_t at = m->count++;

	for (; at > 0 && order(c, m->heap[(at - 1) / 2]) < 0; at = (at - 1) / 2)
		m->heap[at] = m->heap[(at - 1) / 2];
	m->heap[at] = c;
}

static struct cursor *pop(struct merger *m)
{
	struct cursor *c = m->heap[0];

	m->heap[0] = m->heap[--m->count];
	if (m->count > 0)
		sift_down(m);
	return c;
}

void merger_add(struct merger *m, struct cursor *c, enum cursor_step step)
{
	if (step == CURSOR_GROUP)
		push(m, c);
	else if (step == CURSOR_BAD)
		m->bad = true;
}

struct str merger_key(const struct merger *m)
{
	return m->count > 0 ? m->heap[0]->records.key : STR_NONE;
}

/* The rest of the group of one cursor alone; what came after it. */
static enum cursor_step one(struct merger *m, struct cursor *c, const struct row_sink *sink)
{
	enum cursor_step step;

	do {
		sink->row(sink->ctx, &c->row);
		m->rows++;
		step = cursor_next(c);
	} while (step == CURSOR_ROW);
	return step;
}

/* The group of several, the earliest hour of all first. */
static void several(struct merger *m, const struct row_sink *sink)
{
	while (m->tied > 1) {
		size_t least = 0;
		enum cursor_step step;

		for (size_t i = 1; i < m->tied; i++)
			if (m->ties[i]->row.hour < m->ties[least]->row.hour)
				least = i;
		sink->row(sink->ctx, &m->ties[least]->row);
		m->rows++;
		step = cursor_next(m->ties[least]);
		if (step == CURSOR_ROW)
			continue;
		merger_add(m, m->ties[least], step);
		m->ties[least] = m->ties[--m->tied];
	}
}

bool merger_group(struct merger *m, const struct row_sink *sink)
{
	struct cursor *first;

	if (m->count == 0 || m->bad)
		return false;
	first = pop(m);
	sink->begin(sink->ctx, first->records.key, first->source);
	if (m->count == 0 || order(first, m->heap[0]) != 0) {
		merger_add(m, first, one(m, first, sink));
	} else {
		m->tied = 0;
		m->ties[m->tied++] = first;
		while (m->count > 0 && order(first, m->heap[0]) == 0)
			m->ties[m->tied++] = pop(m);
		several(m, sink);
		merger_add(m, m->ties[0], one(m, m->ties[0], sink));
	}
	sink->end(sink->ctx);
	return !m->bad;
}

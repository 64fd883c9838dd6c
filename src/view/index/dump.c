/* SPDX-License-Identifier: Apache-2.0 */
#include "view/index/dump.h"

#include <stdlib.h>

#include "base/mem.h"
#include "policy/guard.h"
#include "view/guard/kept.h"

struct dump {
	struct arena *arena;
	struct str *lines;
	size_t count, room;
	const struct match_dump *what;
};

static void dump_line(struct dump *d, struct str line)
{
	if (d->count == d->room) {
		d->room = d->room ? d->room * 2 : 1024;
		d->lines = mem_grow(d->lines, d->room, sizeof(d->lines[0]));
	}
	d->lines[d->count++] = line;
}

static void dump_entry(void *ctx, const struct index_entry *e)
{
	struct dump *d = ctx;

	if (!d->what->gone(d->what->store, e->seq))
		dump_line(
		    d, arena_printf(d->arena, "%020llu %s %.*s %u-%u", (unsigned long long)e->seq,
		           term_kind_name(e->term.kind), STR_ARG(term_text(d->arena, &e->term)),
		           e->from, delta_until(d->what->delta, e->seq, e->until)));
}

static enum err dump_kept(struct dump *d, struct fault *fault)
{
	struct kept_entry *list;
	size_t count;

	TRY(kept_read(&list, &count, d->arena, d->what->dir, fault));
	for (size_t i = 0; i < count; i++)
		if (!d->what->gone(d->what->store, list[i].seq))
			dump_line(d,
			    arena_printf(d->arena, "%020llu kept %s",
			        (unsigned long long)list[i].seq, guard_class_name(list[i].class)));
	return OK;
}

static int by_line(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void dump_pattern(struct dump *d, const struct live_pattern *p)
{
	dump_line(d, arena_printf(d->arena, "%020llu pattern %s %u-%u", (unsigned long long)p->seq,
	                 p->text.p ? "armed" : "waiting", p->from, p->until));
}

enum err match_dump(
    const struct match_dump *what, view_line_fn line, void *ctx, struct fault *fault)
{
	struct dump d = {.arena = arena_new(SIZE_MAX / 2), .what = what};
	enum err rc = dump_kept(&d, fault);

	match_walk(what->generation, dump_entry, &d);
	delta_walk(what->delta, dump_entry, &d);
	for (size_t i = 0; i < pattern_list_count(what->patterns); i++) {
		struct live_pattern p = pattern_list_at(what->patterns, i);

		dump_pattern(&d, &p);
	}
	if (d.count)
		qsort(d.lines, d.count, sizeof(d.lines[0]), by_line);
	for (size_t i = 0; i < d.count; i++)
		line(ctx, d.lines[i]);
	mem_free(d.lines);
	arena_free(d.arena);
	return rc;
}

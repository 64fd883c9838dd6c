/* SPDX-License-Identifier: Apache-2.0 */
/* The feed view: its follower, and what readers ask. A batch is collected in memory and written at
 * its end; `busy` in the head tells whoever finds it after a crash that the files are half done. */
#include "view/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "view/classes.h"
#include "view/tracks.h"

struct feed_view {
	struct view view;
	struct tracks tracks;
};

static struct feed_view *of(struct view *v)
{
	return (struct feed_view *)v;
}

static const struct tracks_head *head_of(const struct view *v)
{
	return ((const struct feed_view *)v)->tracks.head;
}

static enum err feed_open(struct view **out, struct str dir, struct fault *fault)
{
	struct feed_view *v = mem_alloc(sizeof(*v));
	enum err rc = tracks_open(&v->tracks, dir, true, fault);

	if (rc != OK) {
		mem_free(v);
		return rc;
	}
	v->view.class = &VIEW_FEED;
	*out = &v->view;
	return OK;
}

static void feed_close(struct view *v)
{
	tracks_close(&of(v)->tracks);
	mem_free(v);
}

static uint64_t feed_cursor(const struct view *v)
{
	return atomic_load(&head_of(v)->cursor);
}

static bool feed_fits(const struct view *v, const struct store *s)
{
	uint64_t cursor = feed_cursor(v);
	struct sha256 leaf;

	if (cursor == 0)
		return true;
	if (cursor > store_size(s))
		return false;
	leaf = store_leaf(s, cursor - 1);
	return sha256_eq(&leaf, &head_of(v)->leaf);
}

static enum err feed_drop(struct str dir, struct fault *fault)
{
	struct tracks t;
	enum err rc;

	TRY(tracks_open(&t, dir, true, fault));
	rc = tracks_drop(&t, fault);
	tracks_close(&t);
	return rc;
}

static void push(struct track *t, uint64_t seq, usec when)
{
	if (t->count == t->room) {
		t->room = t->room ? t->room * 2 : 256;
		t->pending = mem_grow(t->pending, t->room, sizeof(*t->pending));
	}
	t->pending[t->count++] = (struct list_entry){.seq = seq, .when = when};
}

static enum err join(struct tracks *t, uint32_t feed, uint64_t seq, usec added, struct fault *fault)
{
	struct track *track;

	if (feed == 0 || seq == STORE_NONE)
		return OK;
	TRY(tracks_get(&track, t, TRACK_FEED, feed, fault));
	if (marks_has(track->marks, seq))
		return OK;
	TRY(marks_put(track->marks, seq, true, fault));
	push(track, seq, added);
	return OK;
}

static enum err leave(
    struct tracks *t, const struct store *s, uint32_t feed, uint64_t seq, struct fault *fault)
{
	struct track *track;

	if (feed == 0 || seq == STORE_NONE)
		return OK;
	TRY(tracks_get(&track, t, TRACK_FEED, feed, fault));
	if (!marks_has(track->marks, seq))
		return OK;
	TRY(marks_put(track->marks, seq, false, fault));
	for (size_t i = track->count; i > 0; i--)
		if (track->pending[i - 1].seq == seq) {
			memmove(&track->pending[i - 1], &track->pending[i],
			    (track->count - i) * sizeof(*track->pending));
			track->count--;
			return OK;
		}
	if (!list_remove(track->list, seq, store_row(s, seq)->added))
		return fail(fault, ERR_CORRUPT, "feed %u: record %llu is not in its list", feed,
		    (unsigned long long)seq);
	return OK;
}

/* The version that a record names, as it was when the record was written. */
static uint64_t version_before(const struct store *s, uint64_t seq)
{
	int64_t version = store_row(s, seq)->version;
	uint64_t at = store_find_version(s, store_id(s, seq), version);

	while (at != STORE_NONE && at >= seq)
		at = store_older(s, at);
	return at != STORE_NONE && store_row(s, at)->version == version ? at : STORE_NONE;
}

/* A copy that takes another's place does so in every feed. */
static enum err replace(struct tracks *t, const struct store *s, uint64_t seq, struct fault *fault)
{
	const struct row *row = store_row(s, seq);
	uint64_t older = version_before(s, seq);

	if (!(row->flags & RECORD_FLAG_REPLACES) || older == STORE_NONE)
		return OK;
	TRY(tracks_get_all(t, fault));
	for (size_t i = 0; i < t->count; i++)
		if (t->all[i].kind == TRACK_FEED && marks_has(t->all[i].marks, older))
			TRY(join(t, t->all[i].number, seq, row->added, fault));
	return OK;
}

static enum err take(struct tracks *t, const struct store *s, uint64_t seq, struct fault *fault)
{
	const struct row *row = store_row(s, seq);
	struct track *type;

	switch ((enum record_kind)row->kind) {
	case RECORD_OBJECT:
		TRY(tracks_get(&type, t, TRACK_TYPE, row->tag, fault));
		push(type, seq, row->received);
		TRY(replace(t, s, seq, fault));
		return join(t, row->feed, seq, row->added, fault);
	case RECORD_MEMBER:
		return join(t, row->feed, version_before(s, seq), row->added, fault);
	case RECORD_REMOVAL:
		return leave(t, s, row->feed, version_before(s, seq), fault);
	case RECORD_DECISION:
	case RECORD_SEAL:
	case RECORD_ENVELOPE:
	case RECORD_TOMBSTONE:
	case RECORD_DERIVED:
		break;
	}
	return OK;
}

static int compare_entries(const void *pa, const void *pb)
{
	const struct list_entry *a = pa, *b = pb;

	if (a->when != b->when)
		return a->when < b->when ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static enum err flush(struct tracks *t, struct fault *fault)
{
	for (size_t i = 0; i < t->count; i++) {
		struct track *track = &t->all[i];

		if (track->count == 0)
			continue;
		qsort(track->pending, track->count, sizeof(*track->pending), compare_entries);
		TRY(list_add(track->list, track->pending, track->count, fault));
		track->count = 0;
	}
	return OK;
}

static enum err feed_follow(
    struct view *v, const struct store *s, uint64_t end, struct fault *fault)
{
	struct tracks *t = &of(v)->tracks;
	struct tracks_head *head = t->head;
	uint64_t cursor = atomic_load(&head->cursor);

	if (end <= cursor)
		return OK;
	atomic_store(&head->busy, 1);
	for (uint64_t seq = cursor; seq < end; seq++)
		TRY(take(t, s, seq, fault));
	TRY(flush(t, fault));
	head->leaf = store_leaf(s, end - 1);
	atomic_store(&head->cursor, end);
	atomic_store(&head->busy, 0);
	return OK;
}

static void feed_rest(struct view *v)
{
	struct tracks *t = &of(v)->tracks;

	for (size_t i = 0; i < t->count; i++) {
		mem_free(t->all[i].pending);
		t->all[i].pending = NULL;
		t->all[i].room = 0;
	}
}

static int compare_tracks(const void *pa, const void *pb)
{
	const struct track *a = pa, *b = pb;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* Members that left are not content: a rebuilt list never had them. */
static void dump_track(struct track *track, view_line_fn line, void *ctx)
{
	size_t count = list_count(track->list);
	char text[96];

	for (size_t i = 0; i < count; i++) {
		struct list_entry e = list_at(track->list, i);
		int n;

		if (e.seq & LIST_GONE)
			continue;
		n = snprintf(text, sizeof(text), "%c%u %llu %lld %d", track->kind, track->number,
		    (unsigned long long)e.seq, (long long)e.when,
		    track->marks ? marks_has(track->marks, e.seq) : -1);
		line(ctx, (struct str){text, (size_t)n});
	}
}

static enum err feed_dump(struct view *v, view_line_fn line, void *ctx, struct fault *fault)
{
	struct tracks *t = &of(v)->tracks;

	TRY(tracks_get_all(t, fault));
	if (t->count > 0)
		qsort(t->all, t->count, sizeof(*t->all), compare_tracks);
	for (size_t i = 0; i < t->count; i++)
		dump_track(&t->all[i], line, ctx);
	return OK;
}

const struct view_class VIEW_FEED = {
    .name = "feed",
    .open = feed_open,
    .cursor = feed_cursor,
    .fits = feed_fits,
    .follow = feed_follow,
    .rest = feed_rest,
    .dump = feed_dump,
    .close = feed_close,
    .drop = feed_drop,
};

struct feeds {
	struct tracks tracks;
};

enum err feeds_open(struct feeds **out, struct str dir, struct fault *fault)
{
	struct feeds *f = mem_alloc(sizeof(*f));
	enum err rc = tracks_open(&f->tracks, dir, false, fault);

	if (rc != OK) {
		mem_free(f);
		return rc;
	}
	*out = f;
	return OK;
}

void feeds_close(struct feeds *f)
{
	if (!f)
		return;
	tracks_close(&f->tracks);
	mem_free(f);
}

struct list *feeds_of(struct feeds *f, uint32_t feed)
{
	struct track *track;

	return tracks_get(&track, &f->tracks, TRACK_FEED, feed, NULL) == OK ? track->list : NULL;
}

struct list *feeds_of_type(struct feeds *f, uint16_t tag)
{
	struct track *track;

	return tracks_get(&track, &f->tracks, TRACK_TYPE, tag, NULL) == OK ? track->list : NULL;
}

bool feeds_has(struct feeds *f, uint32_t feed, uint64_t seq)
{
	struct track *track;

	return tracks_get(&track, &f->tracks, TRACK_FEED, feed, NULL) == OK &&
	       marks_has(track->marks, seq);
}

uint64_t feeds_cursor(struct feeds *f)
{
	struct track *track;

	/* Asking for a list looks whether the files have come into being. */
	enum err rc = tracks_get(&track, &f->tracks, TRACK_TYPE, 0, NULL);

	(void)rc;
	return f->tracks.head ? atomic_load(&f->tracks.head->cursor) : 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "view/view.h"

#include "view/classes.h"

const struct view_class *const VIEW_CLASSES[] = {
    &VIEW_FEED,
    &VIEW_RELATIONS,
    &VIEW_TEXT,
    &VIEW_STATE,
    &VIEW_INDICATORS,
    &VIEW_EGRESS,
    NULL,
};

enum err view_open(struct view **out, const struct view_class *class, struct str dir,
    const struct store *s, struct fault *fault)
{
	struct view *v;

	TRY(class->open(&v, dir, fault));
	if (!class->fits(v, s)) {
		class->close(v);
		TRY(class->drop(dir, fault));
		TRY(class->open(&v, dir, fault));
	}
	*out = v;
	return OK;
}

uint64_t view_purged(const struct store *s, uint64_t seq)
{
	struct tombstone t;
	struct record r;

	if (store_row(s, seq)->kind != RECORD_TOMBSTONE)
		return STORE_NONE;
	store_record(s, seq, &r);
	return tombstone_read(&t, &r) && t.record < seq &&
	               store_tombstone_of(store_row(s, t.record)) != STORE_NONE
	           ? t.record
	           : STORE_NONE;
}

bool view_purges(const struct store *s, uint64_t from, uint64_t end, uint64_t before)
{
	for (uint64_t seq = from; seq < end; seq++)
		if (view_purged(s, seq) < before)
			return true;
	return false;
}

enum err view_catch_up(struct view *v, const struct store *s, struct fault *fault)
{
	for (;;) {
		uint64_t cursor = v->class->cursor(v);
		uint64_t size = store_size(s);

		if (cursor >= size)
			break;
		if (size - cursor > VIEW_BATCH_RECORDS)
			size = cursor + VIEW_BATCH_RECORDS;
		TRY(v->class->follow(v, s, size, fault));
	}
	v->class->rest(v);
	return OK;
}

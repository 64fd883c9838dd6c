/* SPDX-License-Identifier: Apache-2.0 */
#include "view/purge/retention.h"

#include "codec/json.h"
#include "codec/time.h"
#include "stix/object.h"

enum err retention_of(struct retention *out, const struct config *config, struct fault *fault)
{
	struct retention r = {.personal = 0};

	for (size_t i = 0; i < config->retention_count; i++)
		TRY(retention_set(
		    &r, config->retentions[i].name, config->retentions[i].days, fault));
	*out = r;
	return OK;
}

/* A version that came later may be an older one: the newest stands first. */
static uint64_t newest_here(const struct store *s, struct str id)
{
	uint64_t seq = store_find(s, id);

	while (seq != STORE_NONE && store_tombstone_of(store_row(s, seq)) != STORE_NONE)
		seq = store_older(s, seq);
	return seq;
}

bool retention_is_past(struct retained *out, const struct store *s, uint64_t seq,
    const struct retention *r, usec now, struct arena *arena)
{
	const struct row *row = store_row(s, seq);
	struct retention_times times = {.received = row->received};
	struct label label;
	struct stix_object o;
	struct str id;
	uint32_t days;

	if (seq == 0 || row->kind != RECORD_OBJECT || row->tag >= STIX_TYPES ||
	    store_tombstone_of(row) != STORE_NONE)
		return false;
	label = label_decode(store_label(s, row->label));
	days = retention_days(r, row->tag, (enum personal)label.personal);
	id = store_id(s, seq);
	if (days == 0 || newest_here(s, id) != seq || str_eq(id, store_id(s, 0)))
		return false;
	arena_reset(arena);
	if (stix_object_parse(&o, arena, store_content(s, seq), NULL) != OK)
		return false;
	times.modified = o.modified;
	if (time_parse_utc(&times.valid_until, json_get_str(o.root, "valid_until")) != OK)
		times.valid_until = 0;
	*out = (struct retained){
	    .id = id, .type = row->tag, .days = days, .since = retention_end(&times, days)};
	return now >= out->since;
}

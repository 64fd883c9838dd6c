/* SPDX-License-Identifier: Apache-2.0 */
#include "history/run.h"

#include <string.h>

#include "base/mem.h"
#include "history/record.h"

/* What has been read of a run. */
struct checking {
	struct record_reader records;
	struct history_run run;
	char last[KEY_MAX];
	size_t last_n;
	uint32_t last_hour;
};

/* Whether the record may follow what came before; notes it. */
static bool key_follows(struct checking *c)
{
	struct str key = c->records.key, last = {c->last, c->last_n};
	int order = str_cmp(last, key);

	if (c->last_n > 0 && order >= 0)
		return order == 0 && c->records.hour > c->last_hour;
	if (!key_valid(key))
		return false;
	memcpy(c->last, key.p, key.n);
	c->last_n = key.n;
	c->run.keys++;
	return true;
}

static void note_row(struct checking *c, const struct history_row *row)
{
	struct history_run *run = &c->run;

	if (run->rows == 0 || row->hour < run->first_hour)
		run->first_hour = row->hour;
	if (row->hour > run->last_hour)
		run->last_hour = row->hour;
	run->rows++;
	if (!key_is_pair(c->records.key))
		run->seen += row->count;
	c->last_hour = row->hour;
}

static enum err check_records(struct checking *c, struct fault *fault)
{
	enum record_step step;

	while ((step = record_next(&c->records)) == RECORD_GOOD) {
		struct history_row row;

		if (c->records.source != 0)
			return fail(fault, ERR_INVALID, "a run names a source");
		if (!key_follows(c))
			return fail(
			    fault, ERR_INVALID, "a run has keys that are none or do not ascend");
		while ((step = record_row(&c->records, &row)) == RECORD_GOOD) {
			note_row(c, &row);
			if (c->run.seen >= COUNT_END)
				return fail(fault, ERR_LIMIT, "a run counts too much");
		}
		if (step == RECORD_BAD)
			break;
	}
	if (step == RECORD_BAD)
		return fail(fault, ERR_INVALID, "a run has a record that is none");
	return OK;
}

enum err history_run_check(struct history_run *out, struct str bytes, struct fault *fault)
{
	struct checking *c;
	enum err rc;

	if (bytes.n > HISTORY_RUN_MAX)
		return fail(fault, ERR_LIMIT, "a run of %zu bytes; the limit is %d", bytes.n,
		    HISTORY_RUN_MAX);
	if (!str_starts(bytes, HISTORY_RUN_MAGIC))
		return fail(fault, ERR_INVALID, "not a run of the history");
	c = mem_alloc(sizeof(*c));
	record_start(&c->records, str_from(bytes, HISTORY_RUN_HEADER));
	rc = check_records(c, fault);
	if (rc == OK)
		*out = c->run;
	mem_free(c);
	return rc;
}

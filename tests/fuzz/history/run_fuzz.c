/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever intake hands to core as a run: what passes the check reads as it was checked. */
#include <assert.h>

#include "base/mem.h"
#include "history/cursor.h"
#include "history/run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	struct history_run run;
	struct cursor *c;
	enum cursor_step step;
	uint64_t rows = 0;

	if (history_run_check(&run, bytes, NULL) != OK)
		return 0;
	c = mem_alloc(sizeof(*c));
	for (step = cursor_run(c, bytes, 3); step == CURSOR_GROUP || step == CURSOR_ROW;
	    step = cursor_next(c)) {
		assert(key_valid(cursor_key(c)) && c->row.hour < HOUR_END && c->row.count > 0);
		rows++;
	}
	assert(step == CURSOR_END && rows == run.rows);
	mem_free(c);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as another node's statement about its keys: refused, or one that says only what
 * it may and is written again as the same text. */
#include <assert.h>
#include <stdint.h>

#include "store/compromise.h"
#include "store/link_cert.h"

static void check_rotation(struct str note)
{
	struct arena *arena = arena_new(1 << 20);
	struct rotation r;
	struct fault fault;

	if (rotation_recall(&r, arena, note, &fault) == OK)
		assert(r.identity.n > 0 && r.after.pq_key.n > 0);
	if (rotation_read(&r, arena, note, &fault) == OK) {
		struct buf again;

		buf_init(&again, ROTATION_NOTE_MAX);
		rotation_text(&again, &r);
		assert(again.failed == OK && str_starts(note, buf_str(&again)));
		buf_free(&again);
	}
	arena_free(arena);
}

static void check_compromise(struct str note)
{
	struct compromise c;
	struct fault fault;
	struct buf again;

	if (compromise_read(&c, note, &fault) != OK)
		return;
	assert(c.count > 0 && c.count <= COMPROMISE_KEYS_MAX);
	buf_init(&again, ROTATION_NOTE_MAX);
	compromise_text(&again, &c);
	assert(again.failed == OK && str_starts(note, buf_str(&again)));
	buf_free(&again);
}

static void check_link(struct str note)
{
	struct link_cert c;
	struct buf again;

	if (link_cert_read(&c, note, NULL) != OK)
		return;
	assert(c.cert.n == LINK_CERT_HEX);
	buf_init(&again, ROTATION_NOTE_MAX);
	link_cert_text(&again, &c);
	assert(again.failed == OK && str_starts(note, buf_str(&again)));
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str note = {(const char *)data, size};

	check_rotation(note);
	check_compromise(note);
	check_link(note);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a peer: the first is a message's type, the rest its body. What is read stays inside, is
 * within its limits, and is the same after writing; a plain range is walked to its end. */
#include "sync/edge.h"
#include "sync/message.h"
#include "sync/range.h"

static void walk(const struct sync_message *m)
{
	struct sync_range r;
	struct sync_entry e;
	struct str seal;
	uint32_t n = 0;

	if (sync_range_open(&r, m->packed, m->count, NULL) != OK)
		return;
	while (sync_range_seal(&r, &seal, NULL) == OK)
		if (seal.n == 0 || seal.n > SYNC_NOTE_MAX)
			__builtin_trap();
	if (r.seals > 0)
		return;
	while (sync_range_entry(&r, &e, NULL) == OK)
		if (++n > m->count || e.content.n > SYNC_CONTENT_MAX)
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = {(const char *)data + 1, size - 1};
	struct sync_message m;
	struct sync_receipt receipt;
	struct sync_edge edge;
	struct buf again;

	if (size == 0)
		return 0;
	(void)!sync_edge_get(&edge, body, NULL);
	(void)!sync_receipt_get(&receipt, body, NULL);
	if (sync_message_get(&m, data[0], body, NULL) != OK)
		return 0;
	buf_init(&again, SYNC_BODY_MAX);
	sync_message_put(&again, &m);
	if (m.type != SYNC_STOP && !str_eq(buf_str(&again), body))
		__builtin_trap();
	buf_free(&again);
	if ((m.type == SYNC_RANGE || m.type == SYNC_URGENT) && m.packing == SYNC_PLAIN)
		walk(&m);
	return 0;
}

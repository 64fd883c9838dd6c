/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as a seal, as its record in the ledger, or as an object to be divided, reading
 * it stays inside and ends; what is read as a seal is written again as the same text. */
#include "seal/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct seal_seed seed = {{0}};
	struct str input = {(const char *)data, size};
	struct seal_record record;
	struct fault fault;
	struct sha256 root;
	uint16_t members;
	struct buf again;
	struct seal seal;
	int bad = 0;

	buf_init(&again, SEAL_RECORD_MAX);
	if (seal_read(&seal, input, &fault) == OK) {
		seal_text(&again, &seal);
		bad = !str_starts(input, buf_str(&again));
	}
	buf_reset(&again);
	if (seal_record_read(&record, input, &fault) == OK) {
		if (record.count)
			seal_record_put(&again, &record);
		else
			seal_record_put_note(&again, record.note);
		bad = bad || !str_eq(buf_str(&again), input);
	}
	buf_free(&again);
	if (properties_root(&root, &members, input, &seed, &fault) == OK)
		bad = bad || members > SEAL_MEMBERS_MAX;
	if (bad)
		__builtin_trap();
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever stands in a segment, its frames and records are read inside their bounds. The input is
 * read as it is, and once more with its checksums put right, so that what lies behind them is
 * reached. */
#include <string.h>

#include "base/mem.h"
#include "store/crc32c.h"
#include "store/frame.h"

static void put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (24 - 8 * i));
}

/* The checksum of a first record that would begin at p, as number 0. */
static void repair(unsigned char *p, size_t n)
{
	const char number[8] = {0};
	size_t header;

	if (n < RECORD_CRC + RECORD_FIXED)
		return;
	header = RECORD_FIXED + p[RECORD_CRC + 6] + p[RECORD_CRC + 7];
	if (n < RECORD_CRC + header)
		return;
	put32(p, crc32c(crc32c(0, (struct str){number, sizeof(number)}),
	             (struct str){(const char *)p + RECORD_CRC, header}));
}

static void read_records(const unsigned char *p, size_t n)
{
	struct rd r = {.p = p, .n = n};
	struct frame_record f;
	struct fault fault;
	struct sha256 leaf;

	for (uint64_t seq = 0; record_read(&f, &r, seq, p, &fault) == OK; seq++) {
		if (f.content + f.record.content.n > n || f.record.id.n == 0)
			__builtin_trap();
		leaf = record_leaf(f.leaf);
		if (leaf.b[0] == 0 && sha256_eq(&leaf, &f.record.hash))
			__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char *copy = mem_alloc(size);
	struct frame_head head;

	memcpy(copy, data, size);
	if (frame_head_read(&head, copy, size) == FRAME_GOOD && size < FRAME_HEAD)
		__builtin_trap();
	read_records(copy, size);
	repair(copy, size);
	read_records(copy, size);
	mem_free(copy);
	return 0;
}

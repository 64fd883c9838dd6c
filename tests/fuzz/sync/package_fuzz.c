/* SPDX-License-Identifier: Apache-2.0 */
/* A package from elsewhere: a head of any length, a NUL at its end, then a body. What is read stays
 * inside and within its limits; a header is the same after writing. */
#include "sync/package.h"

static void check_header(const struct sync_package *p, struct str note)
{
	struct buf again;

	if (p->serial == 0 || p->begin > p->end || p->size > SYNC_PACKAGE_MOST)
		__builtin_trap();
	buf_init(&again, SYNC_PACKAGE_TEXT_MAX);
	sync_package_put(p, &again);
	if (again.failed == OK && !str_starts(note, buf_str(&again)))
		__builtin_trap();
	buf_free(&again);
}

static void walk(const struct sync_package *p, struct str body)
{
	struct sync_pieces pieces = sync_package_pieces(p, body);
	struct sync_piece piece;
	uint64_t next = p->begin;
	uint32_t n = 0;

	while (sync_package_piece(&pieces, &piece, NULL) == OK) {
		if (++n > SYNC_PACKAGE_RANGES_MAX || piece.from != next ||
		    piece.at + piece.length > body.n)
			__builtin_trap();
		next += piece.count;
	}
	if (next > p->end)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = {(const char *)data, size};
	size_t end = str_find(bytes, '\0');
	struct sync_package p;
	struct str note;

	(void)!sync_package_note(&note, bytes, NULL);
	note = str_slice(bytes, 0, end);
	if (sync_package_get(&p, note, NULL) != OK)
		return 0;
	check_header(&p, note);
	walk(&p, str_from(bytes, end + 1));
	return 0;
}

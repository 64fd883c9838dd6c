/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from another node, in whatever pieces they come: the frames read are the same as when all
 * is there at once, within their limit, and a frame written is a frame read. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "wire/frame.h"

enum { BODY_MAX = 4096 };

static void check_written(const struct frame *f)
{
	struct frame again;
	size_t want;
	char bytes[FRAME_HEADER + BODY_MAX];

	frame_header(bytes, f->type, f->body.n);
	memcpy(bytes + FRAME_HEADER, f->body.p, f->body.n);
	assert(frame_read(&again, &want, (struct str){bytes, FRAME_HEADER + f->body.n}, BODY_MAX) ==
	       OK);
	assert(again.type == f->type && str_eq(again.body, f->body));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = {(const char *)data, size};
	struct frame f;
	size_t want = 0;
	enum err rc;

	while ((rc = frame_read(&f, &want, rest, BODY_MAX)) == OK) {
		size_t taken = FRAME_HEADER + f.body.n;

		assert(f.body.n <= BODY_MAX && taken <= rest.n);
		/* One byte less is no frame, and says how many it takes. */
		assert(frame_read(&f, &want, str_slice(rest, 0, taken - 1), BODY_MAX) ==
		       ERR_NOT_FOUND);
		assert(want == taken || (want == FRAME_HEADER && taken - 1 < FRAME_HEADER));
		assert(frame_read(&f, &want, rest, BODY_MAX) == OK);
		check_written(&f);
		rest = str_from(rest, taken);
	}
	assert(rc == ERR_LIMIT || (rc == ERR_NOT_FOUND && want > rest.n));
	return 0;
}

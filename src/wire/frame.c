/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/frame.h"

#include "base/rd.h"

enum err frame_read(struct frame *out, size_t *want, struct str bytes, size_t body_max)
{
	struct rd r = rd_of(bytes);
	size_t n;
	struct frame f;

	if (bytes.n < FRAME_HEADER) {
		*want = FRAME_HEADER;
		return ERR_NOT_FOUND;
	}
	n = rd_u32(&r);
	f.type = rd_u16(&r);
	if (n > body_max)
		return ERR_LIMIT;
	if (r.n < n) {
		*want = FRAME_HEADER + n;
		return ERR_NOT_FOUND;
	}
	f.body = rd_bytes(&r, n);
	*out = f;
	return OK;
}

void frame_header(char out[FRAME_HEADER], uint16_t type, size_t n)
{
	for (int i = 0; i < 4; i++)
		out[i] = (char)(unsigned char)(n >> (24 - 8 * i));
	out[4] = (char)(unsigned char)(type >> 8);
	out[5] = (char)(unsigned char)type;
}

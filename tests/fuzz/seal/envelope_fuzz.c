/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as an envelope, reading and verifying it stays inside and ends; what is read is
 * written again as the same bytes; of a copy that it proves, a copy without every other member is
 * proven too. The input is an envelope, behind two bytes with its length, and
 * then the content. */
#include "base/rd.h"
#include "seal/redact.h"

static bool every_other(const void *ctx, size_t i)
{
	(void)ctx;
	return i % 2;
}

/* Whether less of a copy can be made, and does not hold. */
static bool breaks(const struct envelope *e, const struct seal *seal, struct str content, bool good)
{
	struct buf less, leaves;
	struct envelope of_less = *e;
	bool bad = false;

	buf_init(&less, content.n + 16);
	buf_init(&leaves, ENVELOPE_BYTES_MAX);
	if (seal_redact(&less, &leaves, e, content, every_other, NULL, NULL) == OK && good) {
		of_less.leaves = buf_str(&leaves);
		bad = seal_verify(&of_less, seal, buf_str(&less), NULL) != OK;
	}
	buf_free(&less);
	buf_free(&leaves);
	return bad;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of((struct str){(const char *)data, size});
	struct str bytes = rd_bytes(&r, rd_u16(&r));
	struct str content = rd_rest(&r);
	struct fault fault;
	struct envelope e;
	struct seal seal = {.time = 0};
	struct buf again;
	bool good;
	int bad;

	if (r.failed || envelope_read(&e, bytes, &fault) != OK)
		return 0;
	buf_init(&again, ENVELOPE_BYTES_MAX);
	envelope_put(&again, &e);
	bad = !str_eq(buf_str(&again), bytes);
	buf_free(&again);
	/* A seal that this statement alone is under, so that the content is looked at. */
	seal.id = e.seal;
	seal.identity = e.statement.originator;
	seal.root = statement_leaf(&e.statement);
	for (unsigned i = 0; i < SEAL_DEPTH; i++) {
		const struct str parts[] = {{"\1", 1},
		    {(const char *)(e.index >> i & 1 ? e.path[i].b : seal.root.b), SHA256_LEN},
		    {(const char *)(e.index >> i & 1 ? seal.root.b : e.path[i].b), SHA256_LEN}};

		seal.root = sha256_parts(parts, 3);
	}
	good = seal_verify(&e, &seal, content, &fault) == OK;
	if (good)
		bad = bad || content.n < 2;
	bad = bad || breaks(&e, &seal, content, good) || seal_left_out(&e) > e.statement.members;
	if (bad)
		__builtin_trap();
	return 0;
}

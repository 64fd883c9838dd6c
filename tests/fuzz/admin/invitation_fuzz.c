/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody pastes as a code: refused, or the invitation that makes the same code again. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "admin/invitation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(64 << 10);
	struct invitation in, again;
	struct fault fault;
	struct str code;

	if (invitation_parse(&in, arena, (struct str){(const char *)data, size}, &fault) == OK) {
		assert(in.address.n > 0 && in.address.n <= INVITATION_ADDRESS_MAX);
		assert(invitation_format(&code, arena, &in, &fault) == OK);
		assert(invitation_parse(&again, arena, code, &fault) == OK);
		assert(str_eq(in.address, again.address) && sha256_eq(&in.cert, &again.cert) &&
		       memcmp(in.secret, again.secret, INVITATION_SECRET) == 0);
	}
	arena_free(arena);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is given as a checkpoint, reading it stays inside and ends. */
#include "store/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	struct checkpoint c;
	struct fault fault;

	if (checkpoint_parse(&c, text, &fault) != OK)
		return 0;
	if (c.origin.n == 0 || c.origin.p != text.p || c.origin.n >= size)
		__builtin_trap();
	return 0;
}

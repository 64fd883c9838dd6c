/* SPDX-License-Identifier: Apache-2.0 */
#include "api/access.h"

enum api_access api_access(const struct op *op, const struct reader *reader)
{
	if (op->open || role_may((enum role)reader->role, op->action))
		return ACCESS_YES;
	return reader->role == ROLE_NONE ? ACCESS_IDENTIFY : ACCESS_NO;
}

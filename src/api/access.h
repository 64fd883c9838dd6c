/* SPDX-License-Identifier: Apache-2.0 */
/* Whether somebody may ask for an operation at all. What the answer may hold is the gate's to
 * decide. */
#pragma once

#include "ops/ops.h"
#include "policy/decide.h"

/* The whole decision: from the row and the reader's role, nothing else. */
enum api_access { ACCESS_YES, ACCESS_IDENTIFY, ACCESS_NO };
enum api_access api_access(const struct op *op, const struct reader *reader);

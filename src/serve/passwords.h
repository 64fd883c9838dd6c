/* SPDX-License-Identifier: Apache-2.0 */
/* The password verifiers of a node's accounts, keys/passwords: one line an account, a later line
 * replaces an earlier one. The file stays open from the start, so that its holder needs no path
 * any more. */
#pragma once

#include "base/err.h"
#include "base/str.h"

enum { PASSWORDS_ACCOUNTS_MAX = 10000, PASSWORDS_NAME_MAX = 255 };

struct passwords;

/* Makes the file when there is none, rewrites it when most of its lines are out of date. */
MUST_USE enum err passwords_open(struct passwords **out, struct str path, struct fault *fault);
void passwords_close(struct passwords *p); /* NULL allowed */

/* Durable when it returns. ERR_INVALID for a name or password that cannot be, ERR_LIMIT past
 * PASSWORDS_ACCOUNTS_MAX accounts. */
MUST_USE enum err passwords_set(
    struct passwords *p, struct str name, struct str password, struct fault *fault);
/* An unknown name takes as long as a wrong password and answers the same. */
bool passwords_verify(const struct passwords *p, struct str name, struct str password);
/* Durable when it returns; an unknown name is fine. */
MUST_USE enum err passwords_remove(struct passwords *p, struct str name, struct fault *fault);

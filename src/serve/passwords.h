/* SPDX-License-Identifier: Apache-2.0 */
/* What a node's accounts prove themselves with. keys/passwords has the password verifiers: one line
 * an account, a later line replaces an earlier one. keys/passwords-totp has the secrets of one-time
 * codes: a slot of 128 bytes an account, written in place. Both stay open from the start, so that
 * their holder needs no path any more. */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/totp.h"

enum {
	PASSWORDS_ACCOUNTS_MAX = 10000,
	PASSWORDS_NAME_MAX = 255,
	PASSWORDS_TOTP_NAME_MAX = 64,
	PASSWORDS_WRONG_MAX = 5, /* codes in a row; then one try after 30 s, 1 min, 2 min ... 1 h */
};

struct passwords;

/* Makes the file when there is none, rewrites it when most of its lines are out of date. */
MUST_USE enum err passwords_open(struct passwords **out, struct str path, struct fault *fault);
void passwords_close(struct passwords *p); /* NULL allowed */

/* Durable when it returns. ERR_INVALID for a name or password that cannot be, ERR_LIMIT past
 * PASSWORDS_ACCOUNTS_MAX accounts. */
MUST_USE enum err passwords_set(
    struct passwords *p, struct str name, struct str password, struct fault *fault);
/* Gives `name` the password that `from` has. ERR_NOT_FOUND when it has none. */
MUST_USE enum err passwords_copy(
    struct passwords *p, struct str name, struct str from, struct fault *fault);
/* An unknown name takes as long as a wrong password and answers the same. */
bool passwords_verify(const struct passwords *p, struct str name, struct str password);
/* Its secret goes with it. Durable when it returns; an unknown name is fine. */
MUST_USE enum err passwords_remove(struct passwords *p, struct str name, struct fault *fault);

/* Gives the account a secret, in place of the one that it may have. Durable when it returns. */
MUST_USE enum err passwords_totp_set(struct passwords *p, struct str name,
    const unsigned char secret[TOTP_SECRET], struct fault *fault);
MUST_USE enum err passwords_totp_remove(struct passwords *p, struct str name, struct fault *fault);
/* After its password was found right. OK for an account without a secret, and for a right code,
 * which never is right again. ERR_UNSUPPORTED: there must be a code. ERR_CONFLICT: wrong, or used.
 * ERR_LIMIT: too many were wrong; it was not looked at. What it says is durable. */
MUST_USE enum err passwords_totp_check(
    struct passwords *p, struct str name, struct str code, usec now, struct fault *fault);

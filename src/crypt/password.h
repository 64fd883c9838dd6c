/* SPDX-License-Identifier: Apache-2.0 */
/* Password verifiers: scrypt (RFC 7914) as one line of text,
 * "$scrypt$ln=15,r=8,p=1$<salt, base64>$<hash, base64>". One check takes about 32 MB and 60 ms
 * on purpose: callers cache success and limit failures. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { PASSWORD_MAX = 1024, PASSWORD_SALT = 16 };

/* The verifier of a password with a fresh salt, in the arena. ERR_INVALID when it is empty or
 * longer than PASSWORD_MAX bytes. */
MUST_USE enum err password_hash(
    struct str *out, struct arena *arena, struct str password, struct fault *fault);
/* True when the password is the verifier's. Constant time over the hash. A verifier that cannot be
 * read, STR_NONE included, costs the same time and is false, so that unknown accounts do not
 * answer faster. */
bool password_verify(struct str verifier, struct str password);

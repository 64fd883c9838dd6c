/* SPDX-License-Identifier: Apache-2.0 */
/* One-time codes as authenticator apps make them: RFC 6238 with HMAC-SHA-1, steps of 30 seconds
 * and six digits. Pure: who holds the secret remembers which step was used last. */
#pragma once

#include "base/env.h"
#include "base/str.h"

enum {
	TOTP_SECRET = 20, /* bytes */
	TOTP_TEXT = 32,   /* characters of the secret in base32 */
	TOTP_DIGITS = 6,
};

/* The number of 31 bits that a code is the last decimal digits of (RFC 4226 §5.3). */
uint32_t totp_number(const unsigned char secret[TOTP_SECRET], uint64_t step);
/* True when the code is of the step of `now`, the one before or the one after, and of a later one
 * than `last`; *step is then the step. */
bool totp_check(uint64_t *step, const unsigned char secret[TOTP_SECRET], struct str code, usec now,
    uint64_t last);
/* RFC 4648 base32 in upper case, which apps read; no padding is needed. */
void totp_text(char out[TOTP_TEXT + 1], const unsigned char secret[TOTP_SECRET]);

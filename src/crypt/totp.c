/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/totp.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { STEP_SECONDS = 30, WINDOW = 1, CODES = 1000000, SHA1_LEN = 20 };

uint32_t totp_number(const unsigned char secret[TOTP_SECRET], uint64_t step)
{
	unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
	unsigned at, n = 0;

	for (size_t i = 0; i < sizeof(counter); i++)
		counter[i] = (unsigned char)(step >> (8 * (sizeof(counter) - 1 - i)));
	/* No code is right when the library fails: a number that has no digits. */
	if (!HMAC(EVP_sha1(), secret, TOTP_SECRET, counter, sizeof(counter), mac, &n) ||
	    n != SHA1_LEN)
		return UINT32_MAX;
	at = mac[SHA1_LEN - 1] & 15;
	return (uint32_t)(mac[at] & 0x7f) << 24 | (uint32_t)mac[at + 1] << 16 |
	       (uint32_t)mac[at + 2] << 8 | mac[at + 3];
}

static bool is_code_of(const unsigned char secret[TOTP_SECRET], uint64_t step, struct str code)
{
	uint32_t number = totp_number(secret, step);
	char text[TOTP_DIGITS + 1];

	if (number == UINT32_MAX)
		return false;
	(void)snprintf(text, sizeof(text), "%06u", (unsigned)(number % CODES));
	return code.n == TOTP_DIGITS && CRYPTO_memcmp(code.p, text, TOTP_DIGITS) == 0;
}

bool totp_check(uint64_t *step, const unsigned char secret[TOTP_SECRET], struct str code, usec now,
    uint64_t last)
{
	uint64_t middle = (uint64_t)(now < 0 ? 0 : now / USEC_PER_SEC / STEP_SECONDS);
	uint64_t from = middle < WINDOW ? 0 : middle - WINDOW;

	for (uint64_t s = from; s <= middle + WINDOW; s++) {
		if (s > last && is_code_of(secret, s, code)) {
			*step = s;
			return true;
		}
	}
	return false;
}

void totp_text(char out[TOTP_TEXT + 1], const unsigned char secret[TOTP_SECRET])
{
	static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint64_t bits = 0;
	size_t n = 0;

	/* Five bytes are eight digits. */
	for (size_t i = 0; i < TOTP_SECRET; i++) {
		bits = bits << 8 | secret[i];
		if (i % 5 != 4)
			continue;
		for (int shift = 35; shift >= 0; shift -= 5)
			out[n++] = DIGITS[bits >> shift & 31];
		bits = 0;
	}
	out[n] = 0;
}

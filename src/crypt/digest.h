/* SPDX-License-Identifier: Apache-2.0 */
/* Digests and message authentication. */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "base/str.h"
#include "base/uuid.h"

enum { SHA256_LEN = 32 };

struct sha256 {
	unsigned char b[SHA256_LEN];
};

struct sha256 sha256(struct str s);
/* Over several parts, as if joined; n <= 8. */
struct sha256 sha256_parts(const struct str *parts, size_t n);
struct sha256 hmac_sha256(struct str key, struct str message);
/* As 64 hexadecimal digits, of a digest or of what several parts come to; STR_NONE when the arena
 * refuses. */
struct str sha256_text(struct arena *arena, const struct sha256 *digest);
struct str sha256_hex(struct arena *arena, const struct str *parts, size_t n);
bool sha256_eq(const struct sha256 *a, const struct sha256 *b);
/* RFC 9562 version 5: SHA-1 over the namespace and the name. */
struct uuid uuid_v5(const struct uuid *ns, struct str name);

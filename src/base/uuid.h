/* SPDX-License-Identifier: Apache-2.0 */
/* UUIDs (RFC 9562) as 16 bytes and as text. Version 5 needs a digest and lives in crypt/. */
#pragma once

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"

enum { UUID_TEXT = 36 };

struct uuid {
	unsigned char b[16];
};

/* The 8-4-4-4-12 form, either case; nothing else. */
MUST_USE enum err uuid_parse(struct uuid *out, struct str s);
/* Lower case, NUL-terminated. */
void uuid_format(char out[UUID_TEXT + 1], const struct uuid *u);
struct uuid uuid_v4(const struct env *env);
int uuid_version(const struct uuid *u);
bool uuid_eq(const struct uuid *a, const struct uuid *b);

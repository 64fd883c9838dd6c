/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets from the library's generator (seeded by the kernel). For everything that need not be
 * secret or must be replayed, take randomness from base/env.h instead. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum { SECRET_BYTES = 32 };

/* Aborts when the generator fails: nothing that needs a secret may go on without one. */
void random_secret(void *out, size_t n);
/* 256 random bits as base64url text (43 characters): tokens, generated passwords. STR_NONE when
 * the arena refuses. */
struct str random_token(struct arena *arena);

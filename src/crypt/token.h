/* SPDX-License-Identifier: Apache-2.0 */
/* Small opaque tokens: authenticated encryption (AES-256-GCM) with an initialisation vector derived
 * from key and content (after RFC 5297's idea), so that equal content gives equal tokens and no
 * counter or generator can fail. For page tokens and the like, not for bulk data. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/digest.h"

enum { TOKEN_PLAIN_MAX = 256, TOKEN_OVERHEAD = 28 };

/* base64url text without padding in the arena; STR_NONE when it refuses or plain is longer than
 * TOKEN_PLAIN_MAX. `bound` is authenticated, not contained. */
struct str token_seal(
    const struct sha256 *key, struct str bound, struct str plain, struct arena *arena);
/* ERR_INVALID for whatever was not sealed under this key and `bound`. */
MUST_USE enum err token_open(struct str *out, const struct sha256 *key, struct str bound,
    struct str token, struct arena *arena);

/* base64url without padding (RFC 4648 §5), for tokens. */
struct str base64url_encode(struct arena *arena, struct str bytes);
/* ERR_PARSE for anything but the canonical form. */
MUST_USE enum err base64url_decode(struct str *out, struct arena *arena, struct str text);

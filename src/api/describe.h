/* SPDX-License-Identifier: Apache-2.0 */
/* The interface described for others, from the tables of ops/: an OpenAPI 3.1 document and the
 * types of the UI. The committed copies (doc/openapi.json, ui/src/api/types.gen.ts) are held
 * against these by a test. */
#pragma once

#include "base/buf.h"

enum { DESCRIBE_MAX = 1 << 20 }; /* bytes that either text may have */

/* Errors stick in the buf. `version` is the program's. */
void describe_openapi(struct buf *out, struct str version);
void describe_typescript(struct buf *out);

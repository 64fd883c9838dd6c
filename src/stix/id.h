/* SPDX-License-Identifier: Apache-2.0 */
/* The deterministic identifiers of cyber-observable objects (STIX 2.1 section 2.9): UUIDv5 over the
 * canonical JSON of the properties that contribute. Values are taken as they are: two spellings of
 * one address have two identifiers. */
#pragma once

#include <yyjson.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "stix/type.h"

/* "ipv4-addr--28bb3599-..." in the arena. ERR_NOT_FOUND when the type has no contributing
 * properties or the object has none of them (its identifier must be a UUIDv4 then), ERR_INVALID
 * when a value has no canonical form, ERR_UNSUPPORTED when the type is no observable. */
MUST_USE enum err stix_sco_id(struct str *out, struct arena *arena, enum stix_type_id type,
    yyjson_val *object, struct fault *fault);

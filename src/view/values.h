/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical values an object stands for: those of an indicator's equality pattern, or an
 * observable's own. Private to this folder. */
#pragma once

#include "stix/equality.h"
#include "stix/object.h"

/* Calls visit for each; what cannot be read is skipped. */
typedef void (*value_fn)(void *ctx, const struct term *t);
void object_values(const struct stix_object *o, struct arena *arena, value_fn visit, void *ctx);

/* SPDX-License-Identifier: Apache-2.0 */
/* How an indicator ages, as the API tells it. */
#pragma once

#include "codec/json.h"
#include "gate/read.h"

/* The member "life"; nothing where the reader is not told. Scores are cut to a tenth, never rounded
 * up: one that is below the threshold does not read as if it were not. */
void render_life(struct json_writer *w, const struct gate_life *life, usec now);

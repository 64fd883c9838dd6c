/* SPDX-License-Identifier: Apache-2.0 */
/* Needs as the API shows them: gate/agreement/needs.h as JSON. */
#pragma once

#include "api/read.h"
#include "gate/agreement/needs.h"

MUST_USE enum err api_read_needs(
    const struct api_read *r, struct json_writer *w, struct fault *fault);
/* A member `needs` of one peer's exchange. */
void render_need_sums(struct json_writer *w, const struct gate_ask *ask,
    const struct gate_needs *all, struct str peer);

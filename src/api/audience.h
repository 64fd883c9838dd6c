/* SPDX-License-Identifier: Apache-2.0 */
/* Who gets an object, as it is labelled and as it would be: gate/audience.h as JSON; and
 * who gives whom how much: gate/balance.h. */
#pragma once

#include "api/agreement/needs.h"
#include "gate/balance.h"
#include "policy/change.h"

MUST_USE enum err api_read_audience(
    const struct api_read *r, struct json_writer *w, struct fault *fault);
/* One peer's exchange. */
void render_balance(struct json_writer *w, const struct gate_balance *b, const struct gate_ask *ask,
    const struct gate_needs *needs);
/* The parts of another label, of a row that has those parameters. Texts are borrowed. */
struct label_change api_label_change(const struct api_args *args);

/* SPDX-License-Identifier: Apache-2.0 */
/* Agreements as the API shows them: gate/agreement/agreement.h as JSON. */
#pragma once

#include "api/read.h"

MUST_USE enum err api_read_agreements(
    const struct api_read *r, struct json_writer *w, struct fault *fault);
MUST_USE enum err api_read_agreement(
    const struct api_read *r, struct json_writer *w, struct fault *fault);
MUST_USE enum err api_read_signatures(
    const struct api_read *r, struct json_writer *w, struct fault *fault);

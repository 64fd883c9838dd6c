/* SPDX-License-Identifier: Apache-2.0 */
/* What the indicators of sources were worth. */
#pragma once

#include "api/read.h"

MUST_USE enum err api_read_worth(
    const struct api_read *r, struct json_writer *w, struct fault *fault);

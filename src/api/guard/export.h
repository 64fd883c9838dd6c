/* SPDX-License-Identifier: Apache-2.0 */
/* Values for sensors. */
#pragma once

#include "api/read.h"

MUST_USE enum err api_read_export(
    const struct api_read *r, struct json_writer *w, struct fault *fault);

/* SPDX-License-Identifier: Apache-2.0 */
/* A list that the gate gave whole, in pages. */
#pragma once

#include "api/read.h"

struct slice {
	size_t at, end;
	struct str next;
};

/* What of `count` items this request is answered with. */
MUST_USE enum err slice_of(
    struct slice *out, const struct api_read *r, size_t count, struct fault *fault);
void begin_page(struct json_writer *w);
void end_page(struct json_writer *w, struct str next);

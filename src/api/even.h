/* SPDX-License-Identifier: Apache-2.0 */
/* When an answer leaves says how long it was worked on, and that may depend on what the reader does
 * not see: so answers of reads leave at even times after their request, whatever they took. */
#pragma once

#include "api/request.h"

/* When an answer leaves that took so long: the next of a few times, pure. */
usec even_time(usec took);

/* The answer in q->out, or, unless rc is OK, the failure: leaves at its time. */
void even_reply(struct api_request *q, enum err rc, struct str message);
/* All that wait leave now. */
void even_finish(struct api *a);

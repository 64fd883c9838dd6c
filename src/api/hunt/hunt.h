/* SPDX-License-Identifier: Apache-2.0 */
/* Hunts asked by network: answered as server-sent events, some values a turn, so that other readers
 * are served in between; a reader that is slow is waited for, and given up when it takes nothing.
 */
#pragma once

#include "api/read.h"
#include "api/request.h"
#include "gate/hunt/hunt.h"

enum {
	HUNTS_MAX = 32,              /* at one time */
	HUNTS_OF_ONE_READER_MAX = 4, /* of these */
};

void hunt_handle(struct api_request *q);
void hunts_free(struct api *a);

/* What a hunt answers, in the shapes of ops/hunt_shapes.h. */
void render_hunt_value(struct json_writer *w, const struct gate_hunt_value *v, size_t n);
void render_hunt_answer(struct json_writer *w, const struct gate_hunt_answer *a);
struct hunt_sums {
	size_t values, seen, refused;
};
void hunt_sum(struct hunt_sums *sums, const struct gate_hunt_answers *answers);
void render_hunt_end(
    struct json_writer *w, const struct gate_hunt *h, const struct hunt_sums *sums);

MUST_USE enum err api_read_saved_hunts(
    const struct api_read *r, struct json_writer *w, struct fault *fault);

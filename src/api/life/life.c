/* SPDX-License-Identifier: Apache-2.0 */
#include "api/life/life.h"

#include <math.h>

static void put_score(struct json_writer *w, const char *key, double score)
{
	/* What is a whole number but for the last bits of a double stays one. */
	json_put_real(w, key, floor(score * 10 + 1e-6) / 10);
}

/* A moment that comes; at 0 it was so from the beginning, at INT64_MAX it never will be. */
static void put_moment(struct json_writer *w, const char *key, usec t)
{
	if (t != 0 && t != INT64_MAX)
		json_put_time(w, key, t);
}

static void put_points(struct json_writer *w, const struct gate_life *life, usec now)
{
	json_list(w, "points");
	for (size_t i = 0; i < life->model.point_count; i++) {
		json_object(w, NULL);
		json_put_int(w, "score", life->model.points[i]);
		json_put_bool(w, "passed", life->points[i] <= now);
		put_moment(w, "at", life->points[i]);
		json_end_object(w);
	}
	json_end_list(w);
}

static void put_evidence(struct json_writer *w, const struct gate_life *life)
{
	json_put_int(w, "confidence", life->confidence);
	json_put_int(w, "trust", life->trust);
	put_moment(w, "last_seen", life->seen);
	json_put_int(w, "false_positives", (int64_t)life->deniers);
	json_put_real(w, "false_positive_points", life->denied);
	json_put_bool(w, "whole", life->whole);
	if (life->more)
		json_put_bool(w, "more", true);
}

void render_life(struct json_writer *w, const struct gate_life *life, usec now)
{
	if (!life->told)
		return;
	json_object(w, "life");
	json_put_str(w, "kind", str_c(decay_kind_name(life->kind)));
	json_put_int(w, "days", life->model.days);
	json_put_real(w, "speed", decay_speed(&life->model));
	json_put_int(w, "threshold", life->threshold);
	json_put_time(w, "begins", life->begins);
	put_score(w, "start", life->start);
	put_score(w, "score", life->score);
	put_moment(w, "ends", life->below);
	put_points(w, life, now);
	put_evidence(w, life);
	json_end_object(w);
}

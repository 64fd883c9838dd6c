/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <math.h>

#include "policy/decay/decay.h"

static const usec DAY = 86400 * USEC_PER_SEC;

static struct decay settings(const char *model)
{
	struct decay d = {.threshold = 20, .confidence = 50, .false_positive = 25};

	for (size_t i = 0; i < DECAY_KINDS; i++)
		assert_int_equal(decay_model_parse(&d.models[i], str_c(model), NULL), OK);
	return d;
}

/* The moment that is computed is the one at which the score, looked at second by second around it,
 * passes the threshold; before it nothing is below, after it everything. */
static void the_end_is_where_the_score_falls_below(void **state)
{
	static const char *const MODELS[] = {"lifetime 60 speed 3 points 80,60,40,20",
	    "lifetime 1 speed 0.5", "lifetime 365 speed 1", "lifetime 3650 speed 100"};
	const usec begin = 1767225600 * USEC_PER_SEC;

	(void)state;
	for (size_t m = 0; m < sizeof(MODELS) / sizeof(MODELS[0]); m++) {
		struct decay d = settings(MODELS[m]);

		for (int confidence = 0; confidence <= 100; confidence += 5)
			for (uint32_t score = 1; score <= 100; score += 9) {
				struct decay_facts f = {.kind = DECAY_DOMAIN,
				    .confidence = confidence,
				    .trust = 100,
				    .stated = begin};
				usec end = decay_below(&d, &f, score);

				if (end == 0) {
					assert_true(confidence < (int)score);
					continue;
				}
				assert_true(end >= begin && end <= begin + 3650 * DAY);
				if (end > begin + USEC_PER_SEC)
					assert_true(decay_score(&d, &f, end - USEC_PER_SEC) >=
					            score - 1e-6);
				assert_true(decay_score(&d, &f, end + USEC_PER_SEC) < score);
			}
	}
}

static void evidence_moves_the_curve(void **state)
{
	struct decay d = settings("lifetime 100 speed 1");
	struct decay_facts f = {.confidence = -1, .trust = 100, .stated = 0};

	(void)state;
	assert_true(fabs(decay_start(&d, &f) - 50) < 1e-9);
	assert_true(fabs(decay_score(&d, &f, 50 * DAY) - 25) < 1e-9);
	assert_int_equal(decay_below(&d, &f, 20) / DAY, 60);
	f.seen = 30 * DAY;
	assert_int_equal(decay_below(&d, &f, 20) / DAY, 90);
	f.denied = 100;
	assert_true(fabs(decay_denied(&d, &f) - 25) < 1e-9);
	assert_true(fabs(decay_start(&d, &f) - 25) < 1e-9);
	f.trust = 50;
	assert_int_equal(decay_below(&d, &f, 20), 0);
	assert_int_equal(decay_below(&d, &f, 0), INT64_MAX);
	assert_true(decay_score(&d, &f, INT64_MAX / 2) == 0);
}

static void models_that_cannot_be_are_refused(void **state)
{
	static const char *const WRONG[] = {"", "lifetime 60", "speed 3", "lifetime 0 speed 1",
	    "lifetime 60 speed 0", "lifetime 60 speed 1.234", "lifetime 60 speed 1 points 20,40",
	    "lifetime 60 speed 1 points 100", "lifetime 60 speed 1 points 9,8,7,6,5,4,3,2,1",
	    "lifetime 40000 speed 1", "lifetime 60 speed 101", "lifetime 60 speed 1 colour 3"};
	struct decay_model m;

	(void)state;
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++)
		assert_int_equal(decay_model_parse(&m, str_c(WRONG[i]), NULL), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_end_is_where_the_score_falls_below),
	    cmocka_unit_test(evidence_moves_the_curve),
	    cmocka_unit_test(models_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A finding as a process that was taken over might send it: what is taken has words and a score,
 * and is written back as the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "analytics/finding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd in = rd_of((struct str){(const char *)data, size});
	struct finding f = {0};
	struct buf words, again;

	if (!finding_get(&f, &in))
		return 0;
	buf_init(&words, 16 << 10);
	buf_init(&again, 16 << 10);
	finding_title(&words, &f);
	finding_words(&words, &f);
	finding_put(&again, &f);
	if (words.failed != OK || finding_score(&f) < 1 || finding_score(&f) > FINDING_SCORE_MAX ||
	    memcmp(again.p, data, again.n) != 0)
		abort();
	buf_free(&words);
	buf_free(&again);
	return 0;
}

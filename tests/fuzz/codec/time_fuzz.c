/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "codec/time.h"

/* What both forms take they take alike, and a time's own text reads back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str s = {(const char *)data, size};
	char text[TIME_TEXT + 1];
	usec strict, loose, again;

	if (time_parse_any(&loose, s) != OK)
		return time_parse_utc(&strict, s) == OK ? (abort(), 0) : 0;
	if (time_parse_utc(&strict, s) == OK && strict != loose)
		abort();
	time_format(text, loose);
	if (time_parse_utc(&again, (struct str){text, TIME_TEXT}) != OK || again != loose)
		abort();
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Writes what is made from the tables of operations to standard output: `generate openapi`,
 * `generate typescript`. Part of the build, not of the program. */
#include <stdio.h>

#include "api/describe.h"

int main(int argc, char **argv)
{
	struct str what = argc == 2 ? str_c(argv[1]) : STR_NONE;
	struct buf out;
	int rc = 0;

	buf_init(&out, DESCRIBE_MAX);
	if (str_eq(what, S("typescript"))) {
		describe_typescript(&out);
	} else {
		fprintf(stderr, "usage: generate openapi|typescript\n");
		return 2;
	}
	if (out.failed != OK || fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0)
		rc = 1;
	buf_free(&out);
	return rc;
}

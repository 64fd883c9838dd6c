/* SPDX-License-Identifier: Apache-2.0 */
/* The web interface as files inside the program, made by the build (cmake/TocsinUi.cmake). Empty
 * when it was built without. */
#pragma once

#include <stddef.h>

struct ui_file {
	const char *path; /* "/index.html", "/assets/main-3f9c.js" */
	const char *type; /* media type */
	const unsigned char *raw, *raw_end;
	const unsigned char *gz, *gz_end; /* the same gzipped; NULL when that is no smaller */
};

extern const struct ui_file ui_files[];
extern const size_t ui_file_count;

/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the rows of a set of conformance cases that lies beside the project. */
#pragma once

#include "test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yyjson.h>

#include "base/str.h"

/* Says which row differs, and how, and ends the test. */
#define ROW_FAIL(...)                                                                              \
	do {                                                                                       \
		print_error(__VA_ARGS__);                                                          \
		print_error("\n");                                                                 \
		_fail(__FILE__, __LINE__);                                                         \
	} while (0)

/* Row numbers count from 1, as an editor shows them. */
typedef void (*row_fn)(yyjson_val *row, size_t number);

static inline struct str row_str(yyjson_val *row, const char *key)
{
	yyjson_val *v = yyjson_obj_get(row, key);

	return (struct str){yyjson_get_str(v), yyjson_get_len(v)};
}

static inline bool row_is(yyjson_val *row, const char *key, const char *value)
{
	return str_eq(row_str(row, key), str_c(value));
}

/* Skips the test when the set is not there; in CI (TOCSIN_NO_SKIP) that is a failure. */
static inline void rows_walk(const char *set, row_fn fn)
{
	char path[256];
	char *line = NULL;
	size_t room = 0, number = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "../shared/conformance/%s.jsonl", set);
	f = fopen(path, "r");
	if (!f) {
		print_message("SKIP: %s is not there\n", path);
		assert_null(getenv("TOCSIN_NO_SKIP"));
		skip();
	}
	while (getline(&line, &room, f) > 0) {
		yyjson_doc *doc = yyjson_read(line, strlen(line), 0);

		assert_non_null(doc);
		fn(yyjson_doc_get_root(doc), ++number);
		yyjson_doc_free(doc);
	}
	free(line);
	(void)fclose(f);
	assert_true(number > 0);
	print_message("%s: %zu rows\n", set, number);
}

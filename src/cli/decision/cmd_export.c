/* SPDX-License-Identifier: Apache-2.0 */
/* `indicator export`: values for sensors, a line each; what is left out, and why, on standard
 * error.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "cli/read.h"
#include "cli/verbs.h"
#include "codec/json.h"

enum { REASONS_MAX = 16, REASON_MAX = 32 };

struct reason {
	char name[REASON_MAX];
	uint64_t count;
};

struct exporting {
	const char *format; /* NULL: plain */
	uint64_t values, indicators;
	struct reason left[REASONS_MAX];
	size_t left_count;
};

/* Kinds that a Suricata dataset has a type for, and whether its lines are base64. */
static const struct {
	const char *kind;
	bool encoded;
} SETS[] = {
    {"ipv4-addr", false},
    {"ipv6-addr", false},
    {"file:MD5", false},
    {"file:SHA-256", false},
    {"domain-name", true},
    {"url", true},
    {"email-addr", true},
    {"user-agent", true},
};

static void leave(struct exporting *e, struct str name, uint64_t count)
{
	struct reason *r;

	for (size_t i = 0; i < e->left_count; i++) {
		if (!str_eq(str_c(e->left[i].name), name))
			continue;
		e->left[i].count += count;
		return;
	}
	if (e->left_count == REASONS_MAX)
		return;
	r = &e->left[e->left_count++];
	(void)snprintf(r->name, sizeof(r->name), "%.*s", STR_ARG(name));
	r->count = count;
}

/* False when a dataset cannot hold it. */
static bool put_set(struct buf *out, struct str kind, struct str value)
{
	size_t i = 0;

	while (i < sizeof(SETS) / sizeof(SETS[0]) && !str_eq(str_c(SETS[i].kind), kind))
		i++;
	if (i == sizeof(SETS) / sizeof(SETS[0]))
		return false;
	if (SETS[i].encoded)
		base64_put(out, value);
	else if (str_find(value, '/') < value.n)
		return false;
	else
		buf_put(out, value);
	return true;
}

static int print(void *ctx, struct buf *out, yyjson_val *answer)
{
	struct exporting *e = ctx;
	bool set = e->format && strcmp(e->format, "suricata") == 0;
	struct fault fault;
	size_t i, max;
	yyjson_val *one;

	if (e->format && !set && strcmp(e->format, "plain") != 0) {
		(void)fail(&fault, ERR_INVALID, "--format must be plain or suricata");
		return cmd_fail("indicator export", &fault);
	}

	yyjson_arr_foreach(yyjson_obj_get(answer, "values"), i, max, one)
	{
		struct str value = json_get_str(one, "value");

		/* A line is a value, whatever somebody wrote into it. */
		if (str_find(value, '\n') < value.n || str_find(value, '\r') < value.n ||
		    (set && !put_set(out, json_get_str(one, "kind"), value))) {
			leave(e, S("format"), 1);
			continue;
		}
		if (!set)
			buf_put(out, value);
		buf_byte(out, '\n');
		e->values++;
	}
	e->indicators += yyjson_get_uint(yyjson_obj_get(answer, "indicators"));
	yyjson_arr_foreach(yyjson_obj_get(answer, "left_out"), i, max, one)
	{
		leave(
		    e, json_get_str(one, "reason"), yyjson_get_uint(yyjson_obj_get(one, "count")));
	}
	return EXIT_GOOD;
}

static void say_left(const struct exporting *e, const char *verb)
{
	(void)fprintf(stderr, "tocsin %s: %" PRIu64 " values of %" PRIu64 " indicators", verb,
	    e->values, e->indicators);
	for (size_t i = 0; i < e->left_count; i++)
		(void)fprintf(stderr, "%s %" PRIu64 " %s",
		    i ? "," : "; left out:", e->left[i].count, e->left[i].name);
	(void)fputc('\n', stderr);
}

int cmd_indicator_export(int argc, char **argv)
{
	static const char *const NO_WORDS[] = {NULL};
	struct exporting e = {.format = NULL};
	const struct cmd_option own[] = {{"format", CMD_TEXT, &e.format}, {0}};
	int code;

	code = read_pages(argc, argv, &(const struct read_verb){"indicator.export", NO_WORDS, NULL},
	    &(const struct read_pages){print, &e, own});
	if (code == EXIT_GOOD)
		say_left(&e, argv[0]);
	return code;
}

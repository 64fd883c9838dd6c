/* SPDX-License-Identifier: Apache-2.0 */
#include "api/links.h"

#include "codec/json.h"
#include "codec/time.h"
#include "sys/files.h"

static struct str text_of(yyjson_val *object, const char *key)
{
	struct str s = json_get_str(object, key);

	return s.p ? s : S("");
}

static usec time_of(yyjson_val *object, const char *key)
{
	usec t;

	return time_parse_any(&t, text_of(object, key)) == OK ? t : 0;
}

static bool flag_of(yyjson_val *object, const char *key)
{
	return yyjson_get_bool(yyjson_obj_get(object, key));
}

static uint64_t count_of(yyjson_val *object, const char *key)
{
	return yyjson_get_uint(yyjson_obj_get(object, key));
}

static struct run_link link_of(yyjson_val *item)
{
	struct str here = text_of(item, "sync_stopped"),
	           there = text_of(item, "sync_stopped_there");

	return (struct run_link){.name = text_of(item, "name"),
	    .connected = flag_of(item, "connected"),
	    .post_quantum = flag_of(item, "post_quantum"),
	    .paced = flag_of(item, "paced"),
	    .paced_in = flag_of(item, "paced_in"),
	    .clock_known = yyjson_obj_get(item, "clock_skew") != NULL,
	    .group = text_of(item, "group"),
	    .error = text_of(item, "error"),
	    .stopped = here.n ? here : there,
	    .stopped_there = !here.n && there.n,
	    .since = time_of(item, "since"),
	    .cert_expires = time_of(item, "cert_expires"),
	    .clock_skew = yyjson_get_sint(yyjson_obj_get(item, "clock_skew")),
	    .round_trip = yyjson_get_sint(yyjson_obj_get(item, "round_trip")),
	    .bytes_in = count_of(item, "bytes_in"),
	    .bytes_out = count_of(item, "bytes_out"),
	    .is_throttled = flag_of(item, "is_throttled"),
	    .throttled = count_of(item, "throttled"),
	    .urgent_sent = count_of(item, "urgent_sent"),
	    .urgent_left = count_of(item, "urgent_left"),
	    .urgent_taken = count_of(item, "urgent_taken"),
	    .urgent_passed = count_of(item, "urgent_passed")};
}

static enum err take(
    struct run_links *out, struct arena *arena, yyjson_val *list, struct fault *fault)
{
	struct run_link *items = arena_array(arena, yyjson_arr_size(list) + 1, sizeof(*items));
	yyjson_val *item;
	size_t i, n;

	if (!items)
		return fail(fault, ERR_NOMEM, "no memory for the state of links");
	yyjson_arr_foreach(list, i, n, item)
	{
		items[i] = link_of(item);
	}
	*out = (struct run_links){.items = items, .count = yyjson_arr_size(list)};
	return OK;
}

enum err run_links_read(struct run_links *out, struct arena *arena, struct str run_dir,
    int64_t link_pid, struct fault *fault)
{
	const struct json_limits limits = {.bytes = 1 << 20, .depth = 8};
	yyjson_val *root;
	struct str text;
	enum err rc;

	*out = (struct run_links){0};
	if (link_pid <= 0)
		return OK;
	rc = file_read(
	    &text, arena, file_join(arena, run_dir, "link/state.json"), limits.bytes, fault);
	if (rc == ERR_NOT_FOUND)
		return OK;
	TRY(rc);
	TRY(json_parse(&root, arena, text, &limits, fault));
	if (yyjson_get_sint(yyjson_obj_get(root, "pid")) != link_pid)
		return OK;
	TRY(take(out, arena, yyjson_obj_get(root, "peers"), fault));
	out->cert_expires = time_of(root, "cert_expires");
	return OK;
}

const struct run_link *run_link_of(const struct run_links *links, struct str name)
{
	for (size_t i = 0; i < links->count; i++)
		if (str_eq(links->items[i].name, name))
			return &links->items[i];
	return NULL;
}

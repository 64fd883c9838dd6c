/* SPDX-License-Identifier: Apache-2.0 */
#include "api/run_state.h"

#include "codec/json.h"
#include "codec/time.h"
#include "sys/files.h"

static struct str text_of(yyjson_val *object, const char *key)
{
	struct str s = json_get_str(object, key);

	return s.p ? s : S("");
}

static void take_processes(struct run_state *out, yyjson_val *list)
{
	yyjson_val *item;
	size_t i, n;

	yyjson_arr_foreach(list, i, n, item)
	{
		if (out->process_count == RUN_PROCESSES_MAX)
			return;
		out->processes[out->process_count++] = (struct run_process){
		    .role = text_of(item, "role"),
		    .pid = yyjson_get_sint(yyjson_obj_get(item, "pid")),
		    .restarts = yyjson_get_uint(yyjson_obj_get(item, "restarts")),
		    .rss = yyjson_get_uint(yyjson_obj_get(item, "rss")),
		};
	}
}

static void take_alarms(struct run_state *out, yyjson_val *list)
{
	yyjson_val *item;
	size_t i, n;

	yyjson_arr_foreach(list, i, n, item)
	{
		struct run_alarm *a = &out->alarms[out->alarm_count];

		if (out->alarm_count == RUN_ALARMS_MAX)
			return;
		a->code = text_of(item, "code");
		a->message = text_of(item, "message");
		if (time_parse_any(&a->since, text_of(item, "since")) != OK)
			a->since = 0;
		out->alarm_count++;
	}
}

static void keep_figures(struct run_state *out, yyjson_val *object)
{
	yyjson_val *key, *value;
	size_t i, n;

	yyjson_obj_foreach(object, i, n, key, value)
	{
		if (out->figure_count == RUN_FIGURES_MAX)
			return;
		out->figures[out->figure_count++] =
		    (struct run_figure){json_str(key), yyjson_get_uint(value)};
	}
}

bool run_state_figure(const struct run_state *s, const char *name, uint64_t *out)
{
	for (size_t i = 0; i < s->figure_count; i++) {
		if (!str_eq(s->figures[i].name, str_c(name)))
			continue;
		*out = s->figures[i].value;
		return true;
	}
	return false;
}

static void take_figures(struct run_state *out, yyjson_val *figures)
{
	keep_figures(out, figures);
	out->taxii_tls12 = yyjson_get_uint(yyjson_obj_get(figures, "taxii_tls12"));
	for (size_t i = 0; i < LIVE_FIGURES; i++)
		out->live[i] = yyjson_get_uint(yyjson_obj_get(figures, LIVE_FIGURE[i].name));
}

enum err run_state_read(
    struct run_state *out, struct arena *arena, struct str run_dir, struct fault *fault)
{
	const struct json_limits limits = {.bytes = 1 << 20, .depth = 8};
	struct run_state state = {.process_count = 0};
	yyjson_val *root;
	struct str text;
	enum err rc;

	rc = file_read(&text, arena, file_join(arena, run_dir, "status.json"), limits.bytes, fault);
	if (rc == OK) {
		TRY(json_parse(&root, arena, text, &limits, fault));
		state.pid = yyjson_get_sint(yyjson_obj_get(root, "pid"));
		take_processes(&state, yyjson_obj_get(root, "roles"));
		take_alarms(&state, yyjson_obj_get(root, "alarms"));
		state.taxii_url = json_get_str(root, "taxii_url");
		take_figures(&state, yyjson_obj_get(root, "figures"));
	} else if (rc != ERR_NOT_FOUND) {
		return rc;
	}
	*out = state;
	return OK;
}

int64_t run_state_pid(const struct run_state *s, struct str role)
{
	for (size_t i = 0; i < s->process_count; i++)
		if (str_eq(s->processes[i].role, role))
			return s->processes[i].pid;
	return 0;
}

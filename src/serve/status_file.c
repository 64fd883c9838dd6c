/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/status_file.h"

#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "codec/json.h"
#include "sys/files.h"

enum { FILE_MAX = 64 << 10, ARENA_MAX = 64 << 10 };

static struct status_alarm *find(struct status_alarms *a, struct str code)
{
	for (size_t i = 0; i < a->count; i++)
		if (str_eq(str_c(a->list[i].code), code))
			return &a->list[i];
	return NULL;
}

void status_alarm(struct status_alarms *a, struct str code, struct str text, usec now)
{
	struct status_alarm *at = find(a, code);

	if (text.n == 0) {
		if (at)
			*at = a->list[--a->count];
		return;
	}
	if (!at) {
		if (a->count == STATUS_ALARMS_MAX || code.n > STATUS_CODE_MAX)
			return;
		at = &a->list[a->count++];
		(void)snprintf(at->code, sizeof(at->code), "%.*s", STR_ARG(code));
		at->since = now;
	}
	(void)snprintf(at->text, sizeof(at->text), "%.*s", STR_ARG(text));
}

void status_figure(struct status_figures *f, struct str name, uint64_t value)
{
	size_t i = 0;

	while (i < f->count && !str_eq(str_c(f->list[i].name), name))
		i++;
	if (i == STATUS_FIGURES_MAX || name.n > STATUS_CODE_MAX)
		return;
	if (i == f->count)
		(void)snprintf(
		    f->list[f->count++].name, STATUS_CODE_MAX + 1, "%.*s", STR_ARG(name));
	f->list[i].value = value;
}

static void put_role(struct json_writer *w, const struct status_role *r)
{
	json_object(w, NULL);
	json_put_str(w, "role", r->name);
	json_put_int(w, "pid", r->pid);
	json_put_int(w, "restarts", r->restarts);
	json_put_time(w, "since", r->since);
	json_put_int(w, "rss", (int64_t)r->rss);
	json_end_object(w);
}

static void put_alarm(struct json_writer *w, const struct status_alarm *a)
{
	json_object(w, NULL);
	json_put_str(w, "code", str_c(a->code));
	json_put_str(w, "message", str_c(a->text));
	json_put_time(w, "since", a->since);
	json_end_object(w);
}

static void put_file(struct buf *out, const struct status_file *f)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_int(&w, "pid", getpid());
	json_put_bool(&w, "ready", f->ready);
	if (f->url.n > 0)
		json_put_str(&w, "url", f->url);
	if (f->taxii_url.n > 0)
		json_put_str(&w, "taxii_url", f->taxii_url);
	json_list(&w, "roles");
	for (size_t i = 0; i < f->role_count; i++)
		put_role(&w, &f->roles[i]);
	json_end_list(&w);
	json_list(&w, "alarms");
	for (size_t i = 0; i < f->alarms->count; i++)
		put_alarm(&w, &f->alarms->list[i]);
	json_end_list(&w);
	json_object(&w, "figures");
	for (size_t i = 0; i < f->figures->count; i++)
		json_put_int(&w, f->figures->list[i].name, (int64_t)f->figures->list[i].value);
	json_end_object(&w);
	json_end_object(&w);
	buf_byte(out, '\n');
}

enum err status_file_write(const struct status_file *f, struct str node_dir, struct fault *fault)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct buf text;
	enum err rc;

	buf_init(&text, FILE_MAX);
	put_file(&text, f);
	rc = text.failed != OK
	         ? fail(fault, text.failed, "run/status.json: longer than %d bytes", FILE_MAX)
	         : file_write(
	               file_join(arena, node_dir, "run/status.json"), buf_str(&text), 0600, fault);
	buf_free(&text);
	arena_free(arena);
	return rc;
}

void status_file_remove(struct str node_dir)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct str path = file_join(arena, node_dir, "run/status.json");

	if (path.p)
		(void)unlink(path.p);
	arena_free(arena);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/job.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/json.h"
#include "intake/foreign.h"
#include "intake/messages.h"
#include "intake/prepare.h"
#include "sys/env.h"
#include "sys/files.h"

enum { ARGS_MEMORY = 1 << 20, OBJECT_MEMORY = 256 << 20 };

struct job {
	uint64_t id;
	struct arena *args;   /* what lives as long as the job */
	struct arena *object; /* what lives as long as an object */
	struct foreign *foreign;
	struct definitions *definitions;
	struct str text;
	void *map; /* NULL: there is none */
	bool members;
	bool has_label, over;
	struct label label;
	uint64_t number;
	struct buf batch; /* built, perhaps not sent yet */
	struct fault fault;
};

/* A file is mapped, and what is none is refused: it could keep everybody waiting. Somebody who cuts
 * it meanwhile ends this process, which costs the submission and nothing else. */
static enum err read_file(struct job *j, int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return fail(&j->fault, ERR_IO, "the file did not come with the call");
	if (!S_ISREG(st.st_mode))
		return fail(&j->fault, ERR_INVALID, "not a regular file");
	if ((uint64_t)st.st_size > INTAKE_FILE_MAX)
		return fail(&j->fault, ERR_LIMIT,
		    "the file has %lld bytes; the limit is 16 GiB: split it",
		    (long long)st.st_size);
	if (st.st_size == 0)
		return fail(&j->fault, ERR_PARSE, "the file is empty");
	j->map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (j->map == MAP_FAILED) {
		j->map = NULL;
		return fail(&j->fault, ERR_IO, "the file cannot be mapped: %s", sys_error(errno));
	}
	j->text = (struct str){j->map, (size_t)st.st_size};
	return OK;
}

static enum err begin(struct job *j, const struct chan_message *m)
{
	const struct json_limits limits = {.bytes = ARGS_MEMORY, .depth = 4};
	struct foreign_options options = {0};
	yyjson_val *args;
	struct str label;

	TRY(json_parse(&args, j->args, arena_str(j->args, m->body), &limits, &j->fault));
	options.format = foreign_format_of(json_get_str(args, "format"));
	options.source = json_get_str(args, "source");
	options.identity = json_get_str(args, "identity");
	options.now = yyjson_get_sint(yyjson_obj_get(args, "now"));
	label = json_get_str(args, "label");
	j->has_label = label.p != NULL;
	j->label.tlp = label.p ? tlp_of_name(label) : TLP_UNKNOWN;
	options.tlp = label.p ? j->label.tlp : TLP_NONE;
	if (options.format == FOREIGN_FORMATS)
		return fail(
		    &j->fault, ERR_INVALID, "format: must be auto, stix, lines, csv or list");
	TRY(read_file(j, m->fd_count ? m->fds[0] : -1));
	TRY(foreign_open(&j->foreign, j->text, &options, &j->fault));
	j->members = foreign_is_members(j->foreign);
	j->definitions = definitions_collect(j->text, &options);
	return OK;
}

struct job *job_new(const struct chan_message *m)
{
	struct job *j = mem_alloc(sizeof(*j));

	j->id = m->id;
	j->args = arena_new(ARGS_MEMORY * 2);
	j->object = arena_new(OBJECT_MEMORY);
	buf_init(&j->batch, CHAN_MESSAGE_MAX);
	if (begin(j, m) != OK)
		j->over = true;
	return j;
}

void job_free(struct job *j)
{
	if (!j)
		return;
	foreign_free(j->foreign);
	definitions_free(j->definitions);
	if (j->map)
		(void)munmap(j->map, j->text.n);
	buf_free(&j->batch);
	arena_free(j->args);
	arena_free(j->object);
	mem_free(j);
}

/* One member, good or bad; ERR_NOT_FOUND at the end. */
static enum err next(struct job *j, struct prepared *out)
{
	struct fault fault = {.code = OK};
	struct foreign_item item;
	struct place place = {0};
	enum err rc;

	arena_reset(j->object);
	rc = foreign_next(j->foreign, &item, j->object, &fault);
	if (rc == ERR_NOT_FOUND)
		return rc;
	if (rc != OK) {
		prepare_refusal(out, &fault, j->object);
		return OK;
	}
	if (j->members)
		place = (struct place){S("objects.["), j->number, S("]")};
	else if (!item.made)
		place = (struct place){S("line "), foreign_line(j->foreign), S("")};
	j->number++;
	prepare_object(out, &item, &place,
	    &(struct labelling){
	        .fallback = j->has_label ? &j->label : NULL, .known = j->definitions},
	    j->object);
	return OK;
}

static void fill(struct job *j)
{
	struct prepared p;
	uint32_t count = 0;

	buf_u32(&j->batch, 0);
	while (count < INTAKE_BATCH_OBJECTS && j->batch.n < INTAKE_BATCH_BYTES) {
		if (next(j, &p) != OK) {
			j->over = true;
			break;
		}
		prepared_put(&j->batch, &p);
		count++;
	}
	for (unsigned i = 0; j->batch.p && i < 4; i++)
		j->batch.p[i] = (char)(count >> (24 - 8 * i));
	if (count == 0)
		buf_reset(&j->batch);
}

static enum err send_end(struct job *j, struct chan *core)
{
	struct buf b;
	struct chan_message m = {.type = INTAKE_IMPORT_END, .id = j->id};
	enum err rc;

	buf_init(&b, sizeof(j->fault.text) + 1);
	buf_u8(&b, (uint8_t)j->fault.code);
	buf_put(&b, str_c(j->fault.text));
	m.body = buf_str(&b);
	rc = chan_send_always(core, &m);
	buf_free(&b);
	return rc;
}

bool job_step(struct job *j, struct chan *core, bool *blocked)
{
	enum err rc;

	if (j->batch.n == 0 && !j->over)
		fill(j);
	if (j->batch.n) {
		struct chan_message m = {
		    .type = INTAKE_OBJECTS, .id = j->id, .body = buf_str(&j->batch)};

		rc = chan_send(core, &m);
		if (rc == ERR_BUSY) {
			*blocked = true;
			return true;
		}
		buf_reset(&j->batch);
		if (rc != OK) {
			(void)fail(&j->fault, rc, "a batch of objects could not be handed over");
			j->over = true;
		}
	}
	if (!j->over)
		return true;
	(void)!send_end(j, core);
	return false;
}

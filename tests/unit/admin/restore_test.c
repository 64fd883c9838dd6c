/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the TAXII part over a real ledger in a temporary folder. */
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/admin.h"
#include "codec/json.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/files.h"

struct fixture {
	char dir[64];
	struct store *store;
	struct config config;
	struct command_ctx ctx;
	void *part;
	struct arena *arena;
	struct buf reply;
	struct fault fault;
};

static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));
	struct store_options options = {.write = true, .create = true, .env = sys_env()};
	char path[80];

	strncpy(f->dir, "/tmp/restore-XXXXXX", sizeof(f->dir) - 1);
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(path, sizeof(path), "%s/ledger", f->dir);
	options.dir = str_c(path);
	assert_int_equal(file_make_dir(options.dir, 0700, NULL), OK);
	assert_int_equal(store_open(&f->store, &options, &f->fault), OK);
	f->config.body_max = 4096;
	f->ctx = (struct command_ctx){.store = f->store, .env = sys_env(), .config = &f->config};
	assert_int_equal(ADMIN_TAXII.open(&f->part, &f->ctx, NULL), OK);
	f->arena = arena_new(64 << 20);
	buf_init(&f->reply, 1 << 20);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	ADMIN_TAXII.close(f->part);
	store_close(f->store);
	arena_free(f->arena);
	buf_free(&f->reply);
	(void)snprintf(command, sizeof(command), "rm -r '%s'", f->dir);
	assert_int_equal(system(command), 0);
	test_free(f);
	return 0;
}

static enum err run(struct fixture *f, const char *op, const char *args, int fd)
{
	const struct command *c = ADMIN_TAXII.commands;
	struct rpc_call call = {str_c(op), S("alice"), str_c(args), fd};
	struct command_reply reply = {.json = &f->reply};
	enum err rc;

	while (strcmp(c->op, op) != 0)
		c++;
	buf_reset(&f->reply);
	f->fault = (struct fault){0};
	rc = c->run(f->part, &call, &reply, &f->fault);
	if (rc == OK)
		assert_int_equal(store_commit(f->store, NULL), OK);
	return rc;
}

static enum err restore_text(struct fixture *f, const char *args, const char *text)
{
	char path[80];
	enum err rc;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/data.json", f->dir);
	assert_int_equal(file_write(str_c(path), str_c(text), 0600, NULL), OK);
	fd = open(path, O_RDONLY);
	rc = run(f, "taxii.restore", args, fd);
	close(fd);
	return rc;
}

static int64_t figure(struct fixture *f, const char *key)
{
	struct json_limits limits = JSON_LIMITS_OBJECT;
	yyjson_val *root = NULL;

	assert_int_equal(json_parse(&root, f->arena, buf_str(&f->reply), &limits, NULL), OK);
	return yyjson_get_sint(yyjson_obj_get(root, key));
}

static const char SMALL[] =
    "{\"/discovery\":{\"title\":\"T\",\"default\":\"http://h:1/r1/\","
    "\"api_roots\":[\"http://h:1/r1/\"]},"
    "\"r1\":{\"information\":{\"title\":\"R\",\"max_content_length\":99},"
    "\"status\":[{\"id\":\"s-1\",\"status\":\"pending\"}],"
    "\"collections\":[{\"id\":\"c-1\",\"title\":\"C\",\"can_read\":true,\"can_write\":false,"
    "\"objects\":["
    "{ \"type\":\"indicator\", \"id\":\"indicator--6770298f-0fd8-471a-ab8c-1c658a46574e\","
    "\"created\":\"2016-11-03T12:30:59.000Z\",\"modified\":\"2016-12-25T12:30:59.444Z\","
    "\"spec_version\":\"2.1\", \"big\": 12345678901234567890.10 },"
    "{\"type\":\"nonsense\"},"
    "{\"type\":\"ipv4-addr\",\"spec_version\":\"2.1\",\"value\":\"192.0.2.1\","
    "\"id\":\"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4\"}],"
    "\"manifest\":[{\"id\":\"indicator--6770298f-0fd8-471a-ab8c-1c658a46574e\","
    "\"date_added\":\"2016-12-27T13:49:59.000001Z\",\"version\":\"2016-12-25T12:30:59.444Z\"},"
    "{\"id\":\"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4\","
    "\"date_added\":\"2017-12-27T13:49:59.000001Z\","
    "\"version\":\"2017-12-27T13:49:59.000001Z\"}]}]}}";

static void objects_keep_their_bytes_dates_and_collections(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	assert_int_equal(restore_text(f, "{\"page_limit\":20,\"label\":\"TLP:GREEN\"}", SMALL), OK);
	assert_int_equal(figure(f, "total"), 3);
	assert_int_equal(figure(f, "taken"), 2);
	assert_int_equal(figure(f, "refused"), 1);
	assert_int_equal(figure(f, "roots"), 1);
	assert_int_equal(figure(f, "statuses"), 1);
	seq = store_find(f->store, S("indicator--6770298f-0fd8-471a-ab8c-1c658a46574e"));
	assert_true(seq != STORE_NONE);
	assert_true(store_row(f->store, seq)->added == INT64_C(1482846599000001));
	assert_true(store_row(f->store, seq)->feed > 0);
	assert_true(str_starts(store_content(f->store, seq), S("{ \"type\":\"indicator\", ")));
	assert_true(str_ends(store_content(f->store, seq), S(" 12345678901234567890.10 }")));
	seq = store_find(f->store, S("ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"));
	assert_true(store_row(f->store, seq)->added == INT64_C(1514382599000001));
	seq = store_find(f->store, S("root/r1"));
	assert_true(str_eq(store_content(f->store, seq),
	    S("{\"title\":\"R\",\"max_content_length\":99,\"page_limit\":20}")));
	seq = store_find(f->store, S("discovery"));
	assert_true(str_eq(store_content(f->store, seq),
	    S("{\"title\":\"T\",\"default\":\"r1\",\"api_roots\":[\"r1\"]}")));
	seq = store_find(f->store, S("status/s-1"));
	assert_true(str_eq(store_content(f->store, seq),
	    S("{\"root\":\"r1\",\"by\":\"local\","
	      "\"status\":{\"id\":\"s-1\",\"status\":\"pending\"}}")));
}

static void a_root_promises_no_more_than_this_node_takes(void **state)
{
	static const char *const INFORMATION[] = {"{\"title\":\"R\"}",
	    "{\"title\":\"R\",\"max_content_length\":4097}",
	    "{\"title\":\"R\",\"max_content_length\":9765625}"};
	struct fixture *f = *state;
	char text[256];

	for (size_t i = 0; i < sizeof(INFORMATION) / sizeof(INFORMATION[0]); i++) {
		struct str root;

		(void)snprintf(text, sizeof(text),
		    "{\"/discovery\":{\"title\":\"T\"},\"r%zu\":{\"information\":%s,"
		    "\"status\":[],\"collections\":[]}}",
		    i, INFORMATION[i]);
		assert_int_equal(restore_text(f, "{}", text), OK);
		(void)snprintf(text, sizeof(text), "root/r%zu", i);
		root = store_content(f->store, store_find(f->store, str_c(text)));
		assert_true(str_search(root, S("\"max_content_length\":4096,")) < root.n);
	}
}

static void restoring_again_adds_nothing(void **state)
{
	struct fixture *f = *state;
	uint64_t feed;

	assert_int_equal(restore_text(f, "{}", SMALL), OK);
	feed = store_row(
	    f->store, store_find(f->store, S("indicator--6770298f-0fd8-471a-ab8c-1c658a46574e")))
	           ->feed;
	assert_int_equal(restore_text(f, "{}", SMALL), OK);
	assert_int_equal(figure(f, "taken"), 0);
	assert_int_equal(figure(f, "duplicates"), 2);
	assert_int_equal(store_row(f->store, store_size(f->store) - 1)->kind, RECORD_MEMBER);
	assert_int_equal(store_row(f->store, store_size(f->store) - 1)->feed, feed);
}

static void broken_files_append_nothing(void **state)
{
	static const char *const BAD[] = {"", "[]", "{", "{\"a\":1}",
	    "{\"a b\":{\"information\":{}}}", "{\"r\":{\"information\":{\"title\":}}}",
	    "{\"r\":{\"information\":{},\"collections\":[{\"id\":\"c\",\"objects\":[{]}]}}",
	    "{\"r\":{\"information\":{},\"collections\":[{\"id\":\"c\",\"manifest\":[1 2]}]}}",
	    "{\"r\":{\"information\":{},\"status\":[{}]}}",
	    "{\"r\":{\"information\":{},\"collections\":[{\"id\":\"a/b\"}]}}",
	    "{\"r\":{\"information\":{}}"};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		assert_int_not_equal(restore_text(f, "{}", BAD[i]), OK);
		assert_true(f->fault.text[0]);
		assert_int_equal(store_size_pending(f->store), 0);
	}
	assert_int_equal(restore_text(f, "{\"label\":\"TLP:MAUVE\"}", SMALL), ERR_INVALID);
}

static void the_same_id_and_version_with_other_content_is_refused(void **state)
{
	struct fixture *f = *state;
	char *other;

	assert_int_equal(restore_text(f, "{}", SMALL), OK);
	other = test_malloc(sizeof(SMALL));
	memcpy(other, SMALL, sizeof(SMALL));
	memcpy(strstr(other, "192.0.2.1"), "192.0.2.9", 9);
	assert_int_equal(restore_text(f, "{}", other), OK);
	assert_int_equal(figure(f, "refused"), 2);
	assert_int_equal(figure(f, "duplicates"), 1);
	test_free(other);
}

static void deleting_removes_only_versions_that_are_there(void **state)
{
	struct fixture *f = *state;
	uint64_t size;
	char args[256];

	assert_int_equal(restore_text(f, "{}", SMALL), OK);
	size = store_size(f->store);
	(void)snprintf(args, sizeof(args),
	    "{\"feed\":1,\"id\":\"indicator--6770298f-0fd8-471a-ab8c-1c658a46574e\","
	    "\"versions\":[%lld,5]}",
	    1482669059444000LL);
	assert_int_equal(run(f, "taxii.delete", args, -1), OK);
	assert_int_equal(figure(f, "removed"), 1);
	assert_int_equal(store_size(f->store), size + 1);
	assert_int_equal(store_row(f->store, size)->kind, RECORD_REMOVAL);
	assert_int_equal(run(f, "taxii.delete", "{\"id\":\"x\"}", -1), ERR_INVALID);
	assert_int_equal(store_size(f->store), size + 1);
}

static void a_status_is_kept_for_who_submitted(void **state)
{
	struct fixture *f = *state;
	uint64_t seq;

	assert_int_equal(
	    run(f, "taxii.status", "{\"id\":\"u\",\"root\":\"r\",\"status\":{\"id\": \"u\"}}", -1),
	    OK);
	seq = store_find(f->store, S("status/u"));
	assert_true(str_eq(store_content(f->store, seq),
	    S("{\"root\":\"r\",\"by\":\"alice\",\"status\":{\"id\": \"u\"}}")));
	assert_int_equal(run(f, "taxii.status", "{\"id\":\"u\"}", -1), ERR_INVALID);
}

/* The data file of the reference server's own tests. */
static void the_reference_fixture_is_taken_whole(void **state)
{
	struct fixture *f = *state;
	int fd = open("../shared/conformance/taxii21_fixture.json", O_RDONLY);

	if (fd < 0) {
		print_message("SKIP: ../shared/conformance is not here\n");
		assert_null(getenv("TOCSIN_NO_SKIP"));
		skip();
	}
	assert_int_equal(run(f, "taxii.restore", "{\"page_limit\":20}", fd), OK);
	close(fd);
	assert_int_equal(figure(f, "roots"), 3);
	assert_int_equal(figure(f, "collections"), 5);
	assert_int_equal(figure(f, "statuses"), 2);
	assert_int_equal(figure(f, "taken"), 8);
	assert_int_equal(figure(f, "refused"), 0);
}

static void a_page_limit_outside_its_range_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(restore_text(f, "{\"page_limit\":0}", SMALL), ERR_INVALID);
	assert_int_equal(restore_text(f, "{\"page_limit\":10001}", SMALL), ERR_INVALID);
	assert_int_equal(restore_text(f, "{\"page_limit\":10000}", SMALL), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
	        objects_keep_their_bytes_dates_and_collections, setup, teardown),
	    cmocka_unit_test_setup_teardown(restoring_again_adds_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_page_limit_outside_its_range_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        a_root_promises_no_more_than_this_node_takes, setup, teardown),
	    cmocka_unit_test_setup_teardown(broken_files_append_nothing, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        the_same_id_and_version_with_other_content_is_refused, setup, teardown),
	    cmocka_unit_test_setup_teardown(
	        deleting_removes_only_versions_that_are_there, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_status_is_kept_for_who_submitted, setup, teardown),
	    cmocka_unit_test_setup_teardown(the_reference_fixture_is_taken_whole, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

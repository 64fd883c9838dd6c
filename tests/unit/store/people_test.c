/* SPDX-License-Identifier: Apache-2.0 */
/* Names of accounts beside the ledger: what is added is found both ways and after a restart, what
 * is forgotten is gone from the file, and whoever reads sees what another writes. */
#include "temp.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/people.h"
#include "sys/files.h"

struct scene {
	char dir[TEMP_PATH], file[TEMP_PATH + 20];
	struct people *people;
	struct arena *arena;
	struct fault fault;
};

static void make(struct scene *s)
{
	char folder[TEMP_PATH + 20];

	*s = (struct scene){.arena = arena_new(16 << 20)};
	make_folder(s->dir, "people");
	(void)snprintf(folder, sizeof(folder), "%s/people", s->dir);
	(void)snprintf(s->file, sizeof(s->file), "%s/people/accounts", s->dir);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(people_open(&s->people, str_c(s->dir), &s->fault), OK);
}

static void end(struct scene *s)
{
	people_close(s->people);
	arena_free(s->arena);
	remove_folder(s->dir);
}

static struct str add(struct scene *s, const char *name)
{
	struct str id;

	assert_int_equal(people_add(s->people, str_c(name), &id, &s->fault), OK);
	return arena_str(s->arena, id);
}

static bool file_has(struct scene *s, const char *text)
{
	struct str bytes;

	assert_int_equal(file_read(&bytes, s->arena, str_c(s->file), 1 << 20, &s->fault), OK);
	return str_search(bytes, str_c(text)) < bytes.n;
}

static void a_name_has_one_id_that_says_nothing(void **state)
{
	struct scene s;
	struct str id, other;

	(void)state;
	make(&s);
	assert_true(str_eq(people_name(s.people, S("greta")), S("greta")));
	id = add(&s, "greta");
	other = add(&s, "hans");
	assert_true(people_is_id(id));
	assert_false(str_eq(id, other));
	assert_true(str_eq(add(&s, "greta"), id));
	assert_true(str_eq(people_name(s.people, id), S("greta")));
	assert_true(str_eq(people_id(s.people, S("hans")), other));
	people_close(s.people);
	assert_int_equal(people_open(&s.people, str_c(s.dir), &s.fault), OK);
	assert_true(str_eq(people_id(s.people, S("greta")), id));
	end(&s);
}

static void what_is_forgotten_is_gone_from_the_file(void **state)
{
	struct scene s;
	struct str id;

	(void)state;
	make(&s);
	id = add(&s, "greta-canary");
	(void)add(&s, "hans");
	assert_int_equal(people_link(s.people, id, S("subject-canary"), &s.fault), OK);
	assert_true(file_has(&s, "greta-canary") && file_has(&s, "subject-canary"));
	assert_int_equal(people_forget(s.people, id, &s.fault), OK);
	assert_false(file_has(&s, "canary"));
	assert_true(file_has(&s, "hans"));
	assert_true(str_eq(people_name(s.people, id), id));
	assert_int_equal(people_forget(s.people, id, &s.fault), ERR_NOT_FOUND);
	assert_false(str_eq(add(&s, "greta-canary"), id));
	end(&s);
}

/* The digest in the ledger tells subject and issuer apart, and says nothing without the key. */
static void a_subject_is_found_and_its_digest_is_bound(void **state)
{
	struct sha256 a, b;
	struct scene s;
	struct str id, other;

	(void)state;
	make(&s);
	id = add(&s, "greta");
	other = add(&s, "hans");
	assert_int_equal(people_link(s.people, id, S("1"), &s.fault), OK);
	assert_true(str_eq(people_by_subject(s.people, S("1"))->id, id));
	assert_null(people_by_subject(s.people, S("")));
	a = people_digest(people_by_id(s.people, id), S("https://a.example"));
	b = people_digest(people_by_id(s.people, id), S("https://b.example"));
	assert_memory_not_equal(&a, &b, sizeof(a));
	b = people_digest(people_by_id(s.people, id), S("https://a.example"));
	assert_memory_equal(&a, &b, sizeof(a));
	assert_int_equal(people_link(s.people, other, S("1"), &s.fault), OK);
	b = people_digest(people_by_id(s.people, other), S("https://a.example"));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_int_equal(people_link(s.people, id, S("2"), &s.fault), OK);
	b = people_digest(people_by_id(s.people, id), S("https://a.example"));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_int_equal(people_link(s.people, id, S("a\tb"), &s.fault), ERR_INVALID);
	end(&s);
}

static void a_reader_sees_what_another_writes(void **state)
{
	struct people *reader;
	struct scene s;
	struct str id;

	(void)state;
	make(&s);
	assert_int_equal(people_open(&reader, str_c(s.dir), &s.fault), OK);
	id = add(&s, "greta");
	people_renew(reader);
	assert_true(str_eq(people_name(reader, id), S("greta")));
	assert_int_equal(people_forget(s.people, id, &s.fault), OK);
	people_renew(reader);
	assert_true(str_eq(people_name(reader, id), id));
	/* What is damaged is named by who opens it, and takes nothing from who has it open. */
	id = add(&s, "hans");
	people_renew(reader);
	assert_int_equal(file_write(str_c(s.file), S("u-x\thans\n"), 0600, &s.fault), OK);
	people_renew(reader);
	assert_true(str_eq(people_name(reader, id), S("hans")));
	people_close(reader);
	assert_int_equal(people_open(&reader, str_c(s.dir), &s.fault), ERR_CORRUPT);
	assert_non_null(strstr(s.fault.text, "accounts:1"));
	end(&s);
}

static void ids_become_names_where_they_are_values(void **state)
{
	struct scene s;
	struct str id, text;

	(void)state;
	make(&s);
	id = add(&s, "greta");
	text = arena_printf(s.arena, "{\"name\":\"%.*s\",\"note\":\"%.*s?\",\"%.*s", STR_ARG(id),
	    STR_ARG(id), STR_ARG(id));
	text = people_in_json(s.people, s.arena, text);
	assert_true(str_starts(text, S("{\"name\":\"greta\",\"note\":\"u-")));
	assert_true(str_ends(text, id));
	assert_true(str_eq(
	    people_source_name(s.people, s.arena, arena_printf(s.arena, "api:%.*s", STR_ARG(id))),
	    S("api:greta")));
	assert_true(str_ends(people_source_id(s.people, s.arena, S("taxii:greta")), id));
	assert_true(str_eq(people_source_id(s.people, s.arena, S("peer:greta")), S("peer:greta")));
	assert_true(str_eq(people_source_id(s.people, s.arena, S("greta")), S("greta")));
	end(&s);
}

/* Random changes against a plain list. */
static void every_lookup_is_what_a_list_says(void **state)
{
	enum { NAMES = 12, ROUNDS = 600 };
	struct str ids[NAMES] = {{0}};
	uint64_t seed = 11;
	struct scene s;
	char name[16];

	(void)state;
	make(&s);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned char dice[2];
		size_t i;

		fill_random(&seed, dice, sizeof(dice));
		i = dice[0] % NAMES;
		(void)snprintf(name, sizeof(name), "n%zu", i);
		if (dice[1] % 3 == 0 && ids[i].p) {
			assert_int_equal(people_forget(s.people, ids[i], &s.fault), OK);
			ids[i] = STR_NONE;
		} else {
			struct str id = add(&s, name);

			assert_true(!ids[i].p || str_eq(ids[i], id));
			ids[i] = id;
		}
		for (i = 0; i < NAMES; i++) {
			(void)snprintf(name, sizeof(name), "n%zu", i);
			assert_true(str_eq(
			    people_id(s.people, str_c(name)), ids[i].p ? ids[i] : str_c(name)));
			assert_true(
			    !ids[i].p || str_eq(people_name(s.people, ids[i]), str_c(name)));
		}
	}
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_name_has_one_id_that_says_nothing),
	    cmocka_unit_test(what_is_forgotten_is_gone_from_the_file),
	    cmocka_unit_test(a_subject_is_found_and_its_digest_is_bound),
	    cmocka_unit_test(a_reader_sees_what_another_writes),
	    cmocka_unit_test(ids_become_names_where_they_are_values),
	    cmocka_unit_test(every_lookup_is_what_a_list_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is done to the files of a signed ledger, verification says which record it happened to.
 */
#include "test.h"

#include "crypt/sign.h"
#include "ledger.h"
#include "store/crc32c.h"
#include "store/frame.h"
#include "store/verify.h"

enum { BATCHES = 12, RECORDS_MAX = 400, BYTES_MAX = 1 << 20 };

struct place {
	size_t at, end; /* in the segment's file */
	uint64_t first; /* frame: its first record */
};

struct signed_ledger {
	struct ledger l;
	struct arena *arena;
	struct note_keys keys;
	struct str origin;
	size_t n; /* bytes used in the segment */
	unsigned char *bytes;
	struct place frames[BATCHES];
	struct place records[RECORDS_MAX];
	uint64_t count;
	char path[256];
};

static void write_segment(const struct signed_ledger *t, const unsigned char *bytes, size_t n)
{
	int fd = open(t->path, O_RDWR | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, n, 0), n);
	(void)close(fd);
}

static void sign_it(struct signed_ledger *t)
{
	unsigned char seed[ED25519_SEED] = {1, 2, 3};
	struct sign_public public;
	struct note_signer signer;
	struct sign_key *key;
	struct str text, note;

	t->origin = S("node.example");
	assert_int_equal(sign_key_from_seed(&key, seed), OK);
	public = sign_key_public(key);
	signer = (struct note_signer){.name = t->origin, .key = key};
	assert_int_equal(note_keys_parse(&t->keys, t->arena,
	                     note_verifier_format(t->arena, t->origin, &public), NULL),
	    OK);
	assert_int_equal(
	    store_checkpoint_text(t->l.store, t->origin, t->count, t->arena, &text, NULL), OK);
	assert_int_equal(note_sign(&note, t->arena, text, &signer, NULL), OK);
	assert_int_equal(store_put_checkpoint(t->l.store, note, NULL), OK);
	sign_key_free(key);
}

static void find_places(struct signed_ledger *t)
{
	size_t at = SEGMENT_HEAD;

	for (size_t f = 0; f < BATCHES; f++) {
		struct frame_head head;
		struct rd r;

		assert_int_equal(frame_head_read(&head, t->bytes + at, BYTES_MAX - at), FRAME_GOOD);
		t->frames[f] = (struct place){at, at + FRAME_HEAD + head.length, head.first};
		r = (struct rd){.p = t->bytes + at + FRAME_HEAD, .n = head.length};
		for (uint64_t i = 0; i < head.count; i++) {
			struct frame_record record;
			size_t begin = t->frames[f].end - r.n;

			assert_int_equal(
			    record_read(&record, &r, head.first + i, t->bytes, NULL), OK);
			t->records[head.first + i] =
			    (struct place){begin, t->frames[f].end - r.n, f};
		}
		at = t->frames[f].end;
	}
	t->n = at;
}

static void make(struct signed_ledger *t)
{
	uint64_t seed = 3;
	int fd;

	t->count = 0;
	t->arena = arena_new(1 << 20);
	t->bytes = calloc(1, BYTES_MAX);
	ledger_make(&t->l);
	for (size_t f = 0; f < BATCHES; f++) {
		struct sample s[30];
		struct record r[30];
		uint64_t first, count = 2 + next_random(&seed) % 28;

		for (uint64_t i = 0; i < count; i++) {
			sample_make(&s[i], t->count + i, 1, next_random(&seed) % 900);
			r[i] = s[i].record;
		}
		assert_int_equal(store_append(t->l.store, r, count, &first, NULL), OK);
		ledger_commit(&t->l);
		t->count += count;
	}
	sign_it(t);
	store_close(t->l.store);
	(void)snprintf(t->path, sizeof(t->path), "%s/segments/00000000000000000000.seg", t->l.dir);
	fd = open(t->path, O_RDONLY);
	assert_true(read(fd, t->bytes, BYTES_MAX) > 0);
	(void)close(fd);
	find_places(t);
	write_segment(t, t->bytes, t->n);
}

static void free_it(struct signed_ledger *t)
{
	remove_folder(t->l.dir);
	arena_free(t->arena);
	free(t->bytes);
}

static void remove_index(const struct signed_ledger *t)
{
	char path[256];

	(void)snprintf(path, sizeof(path), "%s/index", t->l.dir);
	remove_folder(path);
}

static struct verify_report verify(const struct signed_ledger *t)
{
	struct verify_options options = {.dir = str_c(t->l.dir), .keys = &t->keys};
	struct verify_report report;

	assert_int_equal(store_verify(&report, &options, NULL), OK);
	return report;
}

static void assert_named(
    const struct signed_ledger *t, const unsigned char *bytes, size_t n, uint64_t record)
{
	struct verify_report report;

	write_segment(t, bytes, n);
	report = verify(t);
	assert_false(report.good);
	if (report.bad.record != record)
		print_error("%s: record %llu at %llu: %s\n", report.bad.file,
		    (unsigned long long)report.bad.record, (unsigned long long)report.bad.offset,
		    report.bad.reason);
	assert_int_equal(report.bad.record, record);
	assert_string_equal(report.bad.file, "segments/00000000000000000000.seg");
	assert_true(report.bad.reason[0]);
}

static void an_untouched_ledger_is_good(void **state)
{
	struct signed_ledger t;
	struct verify_report report;

	(void)state;
	make(&t);
	for (int i = 0; i < 2; i++) {
		report = verify(&t);
		assert_true(report.good);
		assert_int_equal(report.records, t.count);
		assert_int_equal(report.signed_size, t.count);
		if (i == 0)
			remove_index(&t);
	}
	free_it(&t);
}

static uint64_t record_at(const struct signed_ledger *t, size_t at)
{
	for (uint64_t n = 0; n < t->count; n++)
		if (at >= t->records[n].at && at < t->records[n].end)
			return n;
	for (size_t f = 0; f < BATCHES; f++)
		if (at >= t->frames[f].at && at < t->frames[f].end)
			return t->frames[f].first;
	return STORE_NONE;
}

/* G10: any changed byte is found, and the record that it belongs to is named. */
static void a_flipped_bit_names_its_record(void **state)
{
	struct signed_ledger t;
	uint64_t seed = 77;

	(void)state;
	make(&t);
	for (int round = 0; round < 600; round++) {
		size_t at = SEGMENT_HEAD + next_random(&seed) % (t.n - SEGMENT_HEAD);
		unsigned char bit = (unsigned char)(1 << next_random(&seed) % 8);

		if (round == 300)
			remove_index(&t); /* the files and the key are enough */
		t.bytes[at] ^= bit;
		assert_named(&t, t.bytes, t.n, record_at(&t, at));
		t.bytes[at] ^= bit;
	}
	free_it(&t);
}

/* One with good checksums whose kind became another. */
static void make_an_envelope_of(struct signed_ledger *t, uint64_t n)
{
	const struct place *frame = &t->frames[t->records[n].first];
	struct frame_head head;
	struct frame_record f;
	struct rd r = {.p = t->bytes + t->records[n].at, .n = t->records[n].end - t->records[n].at};
	unsigned char *copy = calloc(1, BYTES_MAX);

	memcpy(copy, t->bytes, t->n);
	assert_int_equal(record_read(&f, &r, n, t->bytes, NULL), OK);
	f.record.kind = RECORD_ENVELOPE;
	record_write(copy + t->records[n].at, &f.record, n);
	assert_int_equal(
	    frame_head_read(&head, copy + frame->at, BYTES_MAX - frame->at), FRAME_GOOD);
	head.crc =
	    crc32c(0, (struct str){(const char *)copy + frame->at + FRAME_HEAD, head.length});
	frame_head_write(copy + frame->at, &head);
	assert_named(t, copy, t->n, n);
	free(copy);
}

static void an_envelope_of_nothing_is_named(void **state)
{
	struct signed_ledger t;

	(void)state;
	make(&t);
	remove_index(&t);
	for (uint64_t n = 0; n < t.count; n += 5)
		make_an_envelope_of(&t, n);
	free_it(&t);
}

/* [at, end) taken out of the file. */
static void assert_named_without(
    const struct signed_ledger *t, size_t at, size_t end, uint64_t record)
{
	unsigned char *copy = calloc(1, BYTES_MAX);

	memcpy(copy, t->bytes, at);
	memcpy(copy + at, t->bytes + end, t->n - end);
	assert_named(t, copy, t->n - (end - at), record);
	free(copy);
}

/* G10: what was deleted is named by its number. */
static void a_deleted_record_or_batch_is_missed(void **state)
{
	struct signed_ledger t;

	(void)state;
	make(&t);
	remove_index(&t);
	for (size_t f = 0; f < BATCHES; f++)
		assert_named_without(&t, t.frames[f].at, t.frames[f].end, t.frames[f].first);
	for (uint64_t n = 0; n < t.count; n += 3)
		assert_named_without(&t, t.records[n].at, t.records[n].end, n);
	/* Cut off at any place: the first record that is not whole any more. */
	for (size_t cut = t.frames[3].at; cut < t.frames[5].at; cut += 61)
		assert_named(&t, t.bytes, cut, record_at(&t, cut));
	free_it(&t);
}

/* Two neighbouring stretches change places. */
static void assert_named_swapped(
    const struct signed_ledger *t, size_t a, size_t b, size_t end, uint64_t record)
{
	unsigned char *copy = calloc(1, BYTES_MAX);

	memcpy(copy, t->bytes, t->n);
	memcpy(copy + a, t->bytes + b, end - b);
	memcpy(copy + a + (end - b), t->bytes + a, b - a);
	assert_named(t, copy, t->n, record);
	free(copy);
}

/* G10: the first that stands in another's place is named. */
static void reordered_records_and_batches_are_named(void **state)
{
	struct signed_ledger t;

	(void)state;
	make(&t);
	remove_index(&t);
	for (size_t f = 0; f + 1 < BATCHES; f++)
		assert_named_swapped(
		    &t, t.frames[f].at, t.frames[f].end, t.frames[f + 1].end, t.frames[f].first);
	for (uint64_t n = 0; n + 1 < t.count; n++)
		if (t.records[n].first == t.records[n + 1].first)
			assert_named_swapped(
			    &t, t.records[n].at, t.records[n].end, t.records[n + 1].end, n);
	free_it(&t);
}

/* Writes record n anew with other content, and every checksum with it. */
static void forge(struct signed_ledger *t, uint64_t n)
{
	struct place frame = t->frames[t->records[n].first];
	struct rd r = {.p = t->bytes + t->records[n].at, .n = t->n - t->records[n].at};
	char content[1600];
	struct frame_record f;
	struct frame_head head;

	assert_int_equal(record_read(&f, &r, n, t->bytes, NULL), OK);
	memcpy(content, f.record.content.p, f.record.content.n);
	f.record.content.p = content;
	content[0] ^= 1;
	f.record.hash = sha256(f.record.content);
	record_write(t->bytes + t->records[n].at, &f.record, n);
	assert_int_equal(frame_head_read(&head, t->bytes + frame.at, t->n), FRAME_GOOD);
	head.crc =
	    crc32c(0, (struct str){(const char *)t->bytes + frame.at + FRAME_HEAD, head.length});
	frame_head_write(t->bytes + frame.at, &head);
}

/* G10: no checksum helps against the signature. */
static void a_forged_record_is_named_by_the_index(void **state)
{
	struct signed_ledger t;
	struct verify_report report;

	(void)state;
	make(&t);
	forge(&t, 40);
	assert_named(&t, t.bytes, t.n, 40);
	remove_index(&t);
	report = verify(&t);
	assert_false(report.good);
	assert_string_equal(report.bad.file, "checkpoint");
	free_it(&t);
}

static void a_checkpoint_that_is_changed_or_gone_is_named(void **state)
{
	struct signed_ledger t;
	struct verify_report report;
	char path[256];
	int fd;

	(void)state;
	make(&t);
	(void)snprintf(path, sizeof(path), "%s/checkpoint", t.l.dir);
	fd = open(path, O_RDWR);
	assert_int_equal(pwrite(fd, "N", 1, 0), 1);
	(void)close(fd);
	report = verify(&t);
	assert_false(report.good);
	assert_string_equal(report.bad.file, "checkpoint");
	assert_int_equal(unlink(path), 0);
	report = verify(&t);
	assert_false(report.good);
	assert_non_null(strstr(report.bad.reason, "no checkpoint"));
	free_it(&t);
}

static void it_runs_beside_a_writer(void **state)
{
	struct verify_options options;
	struct verify_report report;
	struct ledger l;

	(void)state;
	ledger_make(&l);
	options = (struct verify_options){.dir = str_c(l.dir)};
	for (uint64_t n = 0; n < 50; n++)
		ledger_append(&l, n, 1);
	ledger_commit(&l);
	ledger_append(&l, 51, 1);
	assert_int_equal(store_verify(&report, &options, NULL), OK);
	assert_true(report.writing);
	assert_true(report.records >= 50);
	assert_string_equal(report.bad.file, "checkpoint");
	ledger_remove(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_untouched_ledger_is_good),
	    cmocka_unit_test(a_flipped_bit_names_its_record),
	    cmocka_unit_test(an_envelope_of_nothing_is_named),
	    cmocka_unit_test(a_deleted_record_or_batch_is_missed),
	    cmocka_unit_test(reordered_records_and_batches_are_named),
	    cmocka_unit_test(a_forged_record_is_named_by_the_index),
	    cmocka_unit_test(a_checkpoint_that_is_changed_or_gone_is_named),
	    cmocka_unit_test(it_runs_beside_a_writer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

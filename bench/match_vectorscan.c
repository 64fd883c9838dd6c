/* SPDX-License-Identifier: Apache-2.0 */
/* The peer: vectorscan (or hyperscan) looks for the first so many indicators as literal texts in
 * each line. Built by bench/match where the library is installed.
 *
 *   match_vectorscan INDICATORS COUNT EVENTS
 *
 * prints how long it compiled, how many lines it read, and the seconds of a core that took. */
#include <hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double core_seconds(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *read_all(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	char *p;

	if (!f || fseek(f, 0, SEEK_END) != 0) {
		perror(path);
		exit(2);
	}
	*n = (size_t)ftell(f);
	rewind(f);
	p = malloc(*n + 1);
	if (!p || fread(p, 1, *n, f) != *n)
		exit(2);
	(void)fclose(f);
	p[*n] = '\0';
	return p;
}

static int found(
    unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
	(void)id;
	(void)from;
	(void)to;
	(void)flags;
	(*(unsigned long *)ctx)++;
	return 0;
}

int main(int argc, char **argv)
{
	size_t n, count = 0, most = argc == 4 ? strtoull(argv[2], NULL, 10) : 0, lines = 0;
	const char **texts = calloc(most + 1, sizeof(*texts));
	unsigned *flags = calloc(most + 1, sizeof(*flags));
	size_t *lengths = calloc(most + 1, sizeof(*lengths));
	hs_compile_error_t *error;
	hs_scratch_t *scratch = NULL;
	unsigned long hits = 0;
	hs_database_t *db;
	double start, took;
	char *list, *events, *save = NULL;

	if (argc != 4 || !texts || !flags || !lengths)
		return 2;
	list = read_all(argv[1], &n);
	for (char *t = strtok_r(list, "\n", &save); t && count < most;
	    t = strtok_r(NULL, "\n", &save)) {
		texts[count] = t;
		flags[count] = HS_FLAG_SINGLEMATCH;
		lengths[count++] = strlen(t);
	}
	start = core_seconds();
	if (hs_compile_lit_multi(texts, flags, NULL, lengths, (unsigned)count, HS_MODE_BLOCK, NULL,
	        &db, &error) != HS_SUCCESS ||
	    hs_alloc_scratch(db, &scratch) != HS_SUCCESS)
		return 1;
	took = core_seconds() - start;
	events = read_all(argv[3], &n);
	start = core_seconds();
	for (char *p = events, *end; p < events + n; p = end + 1, lines++) {
		end = memchr(p, '\n', (size_t)(events + n - p));
		if (!end)
			break;
		if (hs_scan(db, p, (unsigned)(end - p), 0, scratch, found, &hits) != HS_SUCCESS)
			return 1;
	}
	printf("%.3f %zu %.6f %lu\n", took, lines, core_seconds() - start, hits);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target over every file of a corpus folder, and over each file cut short at a few
 * places: what libFuzzer once found stays found under any compiler. Fails on an empty corpus. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX_BYTES = 1 << 20, CUTS = 8 };

static int replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = malloc(FILE_MAX_BYTES);
	size_t n;

	if (!f || !bytes) {
		fprintf(stderr, "replay: cannot read %s\n", path);
		return 1;
	}
	n = fread(bytes, 1, FILE_MAX_BYTES, f);
	(void)fclose(f);
	for (size_t cut = 0; cut <= CUTS; cut++) {
		/* An exact block, so that AddressSanitizer sees the first byte past the end. */
		size_t size = n * cut / CUTS;
		uint8_t *exact = malloc(size ? size : 1);

		if (!exact)
			return 1;
		for (size_t i = 0; i < size; i++)
			exact[i] = bytes[i];
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
	}
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	size_t files = 0;

	if (!dir) {
		fprintf(stderr, "replay: no corpus folder\n");
		return 2;
	}
	while ((entry = readdir(dir))) {
		char path[4096];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		if (replay_file(path) != 0)
			return 1;
		files++;
	}
	(void)closedir(dir);
	printf("replay: %zu files\n", files);
	return files ? 0 : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Temporary folders and randomness from a seed, for the tests that need either. */
#pragma once

#include "test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { TEMP_PATH = 64 };

/* splitmix64 */
static inline uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static inline void fill_random(uint64_t *state, void *out, size_t n)
{
	for (unsigned char *p = out; n > 0; n--)
		*p++ = (unsigned char)next_random(state);
}

static inline void make_folder(char path[TEMP_PATH], const char *name)
{
	(void)snprintf(path, TEMP_PATH, "/tmp/tocsin-%s-XXXXXX", name);
	assert_non_null(mkdtemp(path));
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline void remove_folder(const char *path)
{
	assert_int_equal(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

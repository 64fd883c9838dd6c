/* SPDX-License-Identifier: Apache-2.0 */
/* Names as the detectors look at them: which part somebody registered, how much the letters of a
 * label surprise, how even they are. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* "a.b.example.co.uk" is the label "example", whose parent is "example.co.uk" and whose rest is
 * "a.b". Where the public suffix ends is guessed by its length: a country's is of two labels when
 * the second is short. */
struct domain {
	struct str parent, label, rest; /* rest may be empty */
};

/* False when it is one label only, or an address the other way round (.arpa). */
bool domain_split(struct domain *out, struct str name);

enum { SURPRISE_UNIT = 16, ENTROPY_UNIT = 100 };

/* Mean surprise of a letter after the one before, in sixteenths of a bit, by how often the two
 * follow each other in names that people choose. 0 for less than two. */
unsigned domain_surprise(struct str label);
/* Shannon's entropy of the letters, in hundredths of a bit; dots left out. */
unsigned domain_entropy(struct str text);

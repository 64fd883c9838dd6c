/* SPDX-License-Identifier: Apache-2.0 */
/* The index's table from ids to their newest version: open addressing over words of a hash and a
 * record's number, keyed, and the id compared on each hit. It doubles into a new file "ids.BITS",
 * which readers notice by the head. */
#pragma once

#include "store/index.h"

MUST_USE enum err ids_open(struct index *ix, struct fault *fault);
MUST_USE enum err ids_create(struct index *ix, unsigned bits, struct fault *fault);
MUST_USE enum err ids_reserve(struct index *ix, size_t count, struct fault *fault);
MUST_USE enum err ids_sync(const struct index *ix, struct fault *fault);
void ids_close(struct index *ix);
void ids_remove(int dir_fd, unsigned bits);

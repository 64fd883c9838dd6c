/* SPDX-License-Identifier: Apache-2.0 */
/* From the key that a verifier has to the one that signed a ledger's checkpoint, along the ledger's
 * own statements of rotation. */
#pragma once

#include "store/verify.h"

struct verify_keys;

struct verify_keys *verify_keys_new(void);
void verify_keys_free(struct verify_keys *k);
/* Every record, in order; what is no statement of rotation is passed over. */
void verify_keys_look(struct verify_keys *k, uint64_t number, const struct record *r);
/* The signatures of a checkpoint over report->signed_size records; fills report->rotations. Records
 * that a rotation stands before must be signed by its new keys, and only by those. */
MUST_USE enum err verify_keys_judge(struct verify_keys *k, struct verify_report *report,
    const struct note_keys *given, struct str note, struct fault *fault);

/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between core and intake (sys/message.h leaves them their numbers), and their limits.
 * Every batch is bounded; intake has at most a few on the way. */
#pragma once

#include "sys/message.h"

enum intake_message {
	/* core: id is the job's; JSON {"format","source","label","identity","now"}; the fd is the
	 * file to take apart. */
	INTAKE_IMPORT = MESSAGE_INTAKE_FIRST,
	/* intake: id is the job's; u32 count, then so many prepared objects (intake/prepare.h). */
	INTAKE_OBJECTS = 311,
	/* intake: id is the job's; u8 enum err, text. Nothing more comes of it. */
	INTAKE_IMPORT_END = 312,

	/* core: id is the stream's; JSON of what it is and where to go on. */
	INTAKE_FOLLOW = 313,
	/* intake: id is the stream's; a batch of events (intake/events.h). */
	INTAKE_EVENTS = 314,
	/* core: id is the stream's; u64 number of the batch it has taken. */
	INTAKE_EVENTS_TAKEN = 315,

	/* core: id is the job's; JSON {"peer","origin","edge","authors","at","length","urgent"};
	 * the fd is a range of that peer's feed, or holds one there; urgent: a message SYNC_URGENT.
	 */
	INTAKE_RANGE = 316,
	/* intake: id is the job's; u32 count, then so many items (enum range_item). */
	INTAKE_RANGE_ITEMS = 317,
	/* intake: id is the job's; u8 enum err, u8 enum sync_reason, u32 objects refused, u32 of
	 * unknown originators, text (OK: of what was kept out), edge, head. */
	INTAKE_RANGE_END = 318,

	/* core: id is the job's; JSON {"identity","peers"}; the fd is a package (sync/package.h).
	 */
	INTAKE_PACKAGE = 319,
	/* intake: id is the job's; u8 enum err, text; when it is OK: name of the peer, the header's
	 * text, u32 count, then so many ranges: u64 at, u32 length, u64 from, u32 entries. */
	INTAKE_PACKAGE_SEEN = 320,

	/* core: id is the job's; JSON {"certificate","signature"?,"now"}; the fd is what a member
	 * without a node sent: a signed mail, or a bundle whose signature is given. */
	INTAKE_LETTER = 321,
	/* intake: id is the job's; u8 enum err, text; when it is OK: SHA-256 of what was signed,
	 * u64 time that its signer states or 0; the fd is the bundle. */
	INTAKE_LETTER_SEEN = 322,

	/* intake: id is the stream's; what it saw since its last run, for the history
	 * (intake/history/feed.h); the fd is the run. */
	INTAKE_HISTORY = 330,
	/* core: id is the stream's; u64 number of the run that is on disk. */
	INTAKE_HISTORY_TAKEN = 331,

	/* intake: id is the stream's; u32 count, then so many matches of patterns
	 * (intake/live/found.h) in the events of the batch that follows. */
	INTAKE_FOUND = 334,

	/* intake: id is the stream's; u32 hosts and pairs that detectors have forgotten for others
	 * since the last, u32 count, then so many findings (analytics/finding.h). */
	INTAKE_FINDINGS = 338,
};

/* What a range came to; each begins with this byte. Texts are u32 length and bytes. */
enum range_item {
	RANGE_SEAL = 1,       /* its id, its note */
	RANGE_OBJECT = 2,     /* prepared (intake/prepare.h), originator, envelope */
	RANGE_WITHDRAWAL = 3, /* u64 version, id, originator, label, content, envelope */
	RANGE_RETRACTION = 4, /* the same */
	RANGE_PURGE = 5,      /* the same */
	RANGE_KEYS = 8,       /* name of a peer, its statement of rotation */
};

enum {
	INTAKE_BATCH_OBJECTS = 64,
	INTAKE_BATCH_BYTES = 48 << 10, /* one object may pass it */
	INTAKE_JOBS_MAX = 64,          /* imports waiting their turn */
	INTAKE_RANGES_MAX = 128,       /* of them half urgent */
};

enum {
	INTAKE_RUNS_WINDOW = 2, /* runs of a stream that are not yet on disk */
};

#define INTAKE_FILE_MAX (UINT64_C(16) << 30)

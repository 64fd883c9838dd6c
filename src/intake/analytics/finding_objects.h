/* SPDX-License-Identifier: Apache-2.0 */
/* What a finding becomes: observed data of who was seen, and a note that gives the reasons and, as
 * its confidence, the score. One pair stands for one detector, subject, source and day; its ids
 * follow from those, so that the same finding never stands twice. Pure. STIX 2.1 sections 4.10,
 * 4.14. */
#pragma once

#include "analytics/finding.h"
#include "intake/sighting.h"

enum { FINDING_OBSERVABLES = 2 };

struct finding_made {
	struct uuid key; /* the UUID of both objects' ids */
	char observed[SIGHTING_ID_MAX], note[SIGHTING_ID_MAX];
	char observables[FINDING_OBSERVABLES][SIGHTING_ID_MAX];
	size_t observable_count;
	enum tlp tlp;
	usec created, modified;
};

/* `space` is the UUID of the node's identity. */
void finding_ids(struct finding_made *out, const struct uuid *space, const struct finding *f,
    struct str source, struct arena *a);
/* The term of observable i; false when there is none such. */
bool finding_observable(struct term *out, const struct finding *f, size_t i);
/* Appends one object each. */
void finding_observed_data(
    struct buf *out, const struct finding *f, const struct finding_made *m, struct str identity);
void finding_note(struct buf *out, const struct finding *f, const struct finding_made *m,
    struct str source, struct str identity);
/* Takes what the ledger has of the same finding into account; true when f says more than that. */
bool finding_join(struct finding *f, struct finding_made *m, struct str observed, struct arena *a);

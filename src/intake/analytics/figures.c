/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/analytics/figures.h"

#include <assert.h>

#include "analytics/finding.h"

static_assert((int)FINDING_DROPPED == (int)DETECTORS, "a figure for each detector");

const struct finding_figure FINDING_FIGURE[FINDING_FIGURES] = {
    [DETECTOR_BEACON] = {FINDING_PREFIX "beacon", "beacon"},
    [DETECTOR_RARE] = {FINDING_PREFIX "rare", "rare"},
    [DETECTOR_SCAN] = {FINDING_PREFIX "scan", "scan"},
    [DETECTOR_BURST] = {FINDING_PREFIX "burst", "burst"},
    [DETECTOR_TUNNEL] = {FINDING_PREFIX "tunnel", "tunnel"},
    [DETECTOR_MADE] = {FINDING_PREFIX "made_names", "made-names"},
    [FINDING_DROPPED] = {FINDING_PREFIX "dropped", NULL},
    [FINDING_CROWDED] = {FINDING_PREFIX "crowded", NULL},
};

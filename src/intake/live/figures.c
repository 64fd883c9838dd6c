/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/live/figures.h"

const struct live_figure LIVE_FIGURE[LIVE_FIGURES] = {
    {"patterns_armed", offsetof(struct live_figures, armed)},
    {"patterns_broad", offsetof(struct live_figures, broad)},
    {"patterns_waiting", offsetof(struct live_figures, waiting)},
    {"patterns_never", offsetof(struct live_figures, never)},
    {"patterns_refused", offsetof(struct live_figures, refused)},
    {"patterns_disarmed", offsetof(struct live_figures, disarmed)},
    {"pattern_events", offsetof(struct live_figures, events)},
    {"pattern_kept", offsetof(struct live_figures, kept)},
    {"pattern_crowded", offsetof(struct live_figures, crowded)},
    {"pattern_undecided", offsetof(struct live_figures, undecided)},
    {"pattern_matches", offsetof(struct live_figures, matches)},
};

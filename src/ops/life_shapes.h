/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of answers about how indicators age; ops/schema.c alone includes this. */
#pragma once

static const char *const WORDS_DECAY[] = {
    "address", "domain", "url", "email", "file", "certificate", "tls", "user_agent", "other", NULL};

static const struct field LIFE_POINT[] = {
    {"score", TYPE_INT, MUST, .help = "of interest, as [decay] names it"},
    {"passed", TYPE_BOOL, MUST, .help = "the score is below it now"},
    {"at", TYPE_TIME, MAY, .help = "when it falls below; absent: it was from the beginning"},
};

static const struct field LIFE[] = {
    {"kind", TYPE_TEXT, MUST, .values = WORDS_DECAY, .help = "of its values: by which it ages"},
    {"days", TYPE_INT, MUST, .help = "from the beginning of the curve until the score is 0"},
    {"speed", TYPE_REAL, MUST, .help = "the higher, the more falls at first"},
    {"threshold", TYPE_INT, MUST, .help = "below it nothing is matched"},
    {"begins", TYPE_TIME, MUST, .help = "of the curve: when it was last stated or seen"},
    {"start", TYPE_REAL, MUST,
        .help = "score at the beginning: start * (1 - (age / days) ^ (1 / "
                "speed)) is the score, cut to tenths here"},
    {"score", TYPE_REAL, MUST, .help = "now"},
    {"ends", TYPE_TIME, MAY,
        .help = "when the score falls below the threshold; absent: it was from the beginning"},
    {"points", TYPE_SCHEMA, MUST, true, "LifePoint", NULL, "scores of interest, descending"},
    {"confidence", TYPE_INT, MUST, .help = "as it counts: stated, or what stands for none"},
    {"trust", TYPE_INT, MUST, .help = "in its source, of 100"},
    {"last_seen", TYPE_TIME, MAY, .help = "by its sightings; absent: never"},
    {"false_positives", TYPE_INT, MUST, .help = "sources that call it one"},
    {"false_positive_points", TYPE_REAL, MUST, .help = "what these take off, by their trust"},
    {"whole", TYPE_BOOL, MUST,
        .help = "by all evidence, so it is what is done; false: by what this reader may see of it"},
    {"more", TYPE_BOOL, MAY, .help = "true: there is more evidence than was looked at"},
};

static const struct field SOURCE_WORTH[] = {
    {"name", TYPE_TEXT, MUST, .help = "of the source; a peer's is peer:NAME, imports are local"},
    {"indicators", TYPE_INT, MUST, .help = "that it brought first"},
    {"hit", TYPE_INT, MUST, .help = "of these, those that were sighted"},
    {"hits", TYPE_INT, MUST, .help = "counts of these sightings, summed"},
    {"false_positives", TYPE_INT, MUST,
        .help = "held against them: of each, the sources that say so"},
    {"first", TYPE_INT, MUST,
        .help = "values of sighted indicators that this source stated before any other"},
};

static const struct field WORTH[] = {
    {"sources", TYPE_SCHEMA, MUST, true, "SourceWorth", NULL, "who was first most often leads"},
    {"sightings", TYPE_INT, MUST, .help = "that were counted, of those this reader may see"},
    {"more", TYPE_BOOL, MUST,
        .help = "there are more than the newest 20,000 sightings, or opinions, that were counted"},
};

#define SHAPES_LIFE                                                                                \
	SHAPE("Life", LIFE, "How an indicator ages"),                                              \
	    SHAPE("LifePoint", LIFE_POINT, "A score of which people want to know the passing"),    \
	    SHAPE("Worth", WORTH, "What the indicators of sources were worth"),                    \
	    SHAPE("SourceWorth", SOURCE_WORTH, "What those of one source were worth")

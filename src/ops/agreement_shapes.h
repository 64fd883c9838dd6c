/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of answers about agreements; ops/schema.c alone includes this. */
#pragma once

const char *const WORDS_COMMUNITY_KIND[] = {"community", "pillar", "room", NULL};
const char *const WORDS_PILLAR_DIRECTION[] = {"both", "in", "out", NULL};
static const char *const WORDS_AGREEMENT[] = {
    "proposed", "declined", "agreed", "in-force", "left", "expired", "ended", "withdrawn", NULL};
static const char *const WORDS_PARTY[] = {"proposed", "signed", "declined", "left", NULL};
static const char *const WORDS_SIGNATURE[] = {"none", "verified", "unsealed", "refused", NULL};

static const struct field AGREEMENT_PARTY[] = {
    {"identity", TYPE_ID, MUST, .help = "of the party"},
    {"own", TYPE_BOOL, MUST, .help = "it is this node"},
    {"peer", TYPE_TEXT, MAY, .help = "this node's name for it; absent: not met"},
    {"node", TYPE_TEXT, MAY, .help = "the name it gives itself"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_PARTY,
        .help = "proposed: it has not answered the newest version, which is a normal answer"},
    {"said", TYPE_TIME, MAY, .help = "when it said so"},
    {"reason", TYPE_TEXT, MAY, .help = "its own words"},
    {"member", TYPE_BOOL, MUST, .help = "it has signed the version that holds and has not left"},
};

#define AGREEMENT_FIELDS                                                                           \
	{"id", TYPE_ID, MUST, .help = "of the agreement"},                                         \
	    {"version", TYPE_TIME, MUST, .help = "the newest one"},                                \
	    {"held_version", TYPE_TIME, MAY,                                                       \
	        .help = "the one that all have signed and that holds"},                            \
	    {"state", TYPE_TEXT, MUST, .values = WORDS_AGREEMENT,                                  \
	        .help = "agreed: all have signed, it has not begun"},                              \
	    {"own", TYPE_TEXT, MUST, .values = WORDS_PARTY,                                        \
	        .help = "what this node says of the newest version"},                              \
	    {"party", TYPE_BOOL, MUST, .help = "this node is one of the parties"},                 \
	    {"proposed_by", TYPE_ID, MUST, .help = "one of the parties"},                          \
	    {"community", TYPE_TEXT, MUST, .help = "that it makes, as labels name it"},            \
	    {"name_taken", TYPE_BOOL, MUST,                                                        \
	        .help = "another community has that name here, so it cannot come into force"},     \
	    {"title", TYPE_TEXT, MAY, .help = "for people"},                                       \
	    {"kind", TYPE_TEXT, MUST, .values = WORDS_COMMUNITY_KIND, .help = "of the community"}, \
	    {"hub", TYPE_ID, MAY, .help = "of a pillar: one of the parties"},                      \
	    {"direction", TYPE_TEXT, MAY, .values = WORDS_PILLAR_DIRECTION,                        \
	        .help = "of a pillar, as its hub sees it"},                                        \
	    {"incident", TYPE_ID, MAY, .help = "of a room"},                                       \
	    {"ceiling", TYPE_TEXT, MUST, .values = WORDS_TLP,                                      \
	        .help = "the highest label that members get through it"},                          \
	    {"types", TYPE_TEXT, MAY, .help = "STIX types shared in it; absent: all"},             \
	    {"purposes", TYPE_TEXT, MAY, .help = "what it is for"},                                \
	    {"anonymise", TYPE_TEXT, MUST, .help = "what members get objects without"},            \
	    {"retention", TYPE_TEXT, MAY, .help = "how long what is shared is kept"},              \
	    {"legal_ref", TYPE_TEXT, MAY, .help = "the legal basis"},                              \
	    {"valid_from", TYPE_TIME, MAY, .help = "when it begins"},                              \
	    {"expires", TYPE_TIME, MAY, .help = "its end; absent: never"},                         \
	    {"reciprocity_visible", TYPE_BOOL, MUST,                                               \
	        .help = "the parties agree that they may publish what they gave and got"},         \
	    {"sha256", TYPE_TEXT, MUST, .help = "of the newest version's canonical form"},         \
	    {"parties", TYPE_SCHEMA, MUST, true, "AgreementParty", NULL,                           \
	        "those of the newest version"}

static const struct field AGREEMENT[] = {AGREEMENT_FIELDS};

static const struct field AGREEMENT_TRAFFIC[] = {
    {"type", TYPE_TEXT, MUST, .help = "STIX type; \"other types\" for those that are not STIX's"},
    {"given", TYPE_INT, MUST, .help = "versions of objects for the community, put into its feed"},
    {"received", TYPE_INT, MUST, .help = "likewise, that came from it and are here now"},
};

static const struct field AGREEMENT_SIDE[] = {
    {"peer", TYPE_TEXT, MUST, .help = "this node's name for the other side"},
    {"types", TYPE_SCHEMA, MUST, true, "AgreementTraffic", NULL, "between it and this node"},
};

static const struct field AGREEMENT_UNREACHED[] = {
    {"identity", TYPE_ID, MUST, .help = "of a member"},
    {"peer", TYPE_TEXT, MAY, .help = "this node's name for it; absent: not met"},
    {"rule", TYPE_TEXT, MUST, .help = "that keeps from it what is for the community"},
    {"text", TYPE_TEXT, MUST, .help = "for people"},
};

static const struct field AGREEMENT_PAGE[] = {
    AGREEMENT_FIELDS,
    {"reciprocity", TYPE_SCHEMA, MUST, true, "AgreementSide", NULL,
        "what is labelled for the community: between this node and each other party, never between "
        "others"},
    {"unreached", TYPE_SCHEMA, MUST, true, "AgreementUnreached", NULL,
        "members that would not get from this node what is for the community at its ceiling"},
    {"more", TYPE_BOOL, MUST, .help = "there is more than the newest 200,000 that were counted"},
};

static const struct field AGREEMENT_ANSWER[] = {
    {"id", TYPE_ID, MUST, .help = "of the agreement"},
    {"community", TYPE_TEXT, MUST, .help = "that it makes, as labels name it"},
    {"version", TYPE_TIME, MUST, .help = "of it"},
    {"own", TYPE_TEXT, MUST, .values = WORDS_PARTY, .help = "what this node says of it now"},
};

static const struct field AGREEMENT_SIGNATURE[] = {
    {"identity", TYPE_ID, MUST, .help = "of the party"},
    {"own", TYPE_BOOL, MUST, .help = "it is this node"},
    {"peer", TYPE_TEXT, MAY, .help = "this node's name for it"},
    {"state", TYPE_TEXT, MUST, .values = WORDS_PARTY, .help = "what it says of the newest version"},
    {"signature", TYPE_TEXT, MUST, .values = WORDS_SIGNATURE,
        .help = "none: it has said nothing; unsealed: it was not signed yet"},
    {"text", TYPE_TEXT, MUST, .help = "for people: by which keys, or why not"},
    {"object", TYPE_ID, MAY, .help = "the opinion that says so"},
};

static const struct field AGREEMENT_PROOF[] = {
    {"id", TYPE_ID, MUST, .help = "of the agreement"},
    {"version", TYPE_TIME, MUST, .help = "the newest one"},
    {"sha256", TYPE_TEXT, MUST, .help = "of its canonical form: what is signed"},
    {"signatures", TYPE_SCHEMA, MUST, true, "AgreementSignature", NULL, "of each party"},
    {"verified", TYPE_BOOL, MUST, .help = "each party that has signed can be shown to have"},
};

#define SHAPES_AGREEMENTS                                                                          \
	SHAPE("Agreement", AGREEMENT, "What nodes agree to share in a community"),                 \
	    SHAPE("AgreementPage", AGREEMENT_PAGE, "One agreement with all that is known of it"),  \
	    SHAPE("AgreementParty", AGREEMENT_PARTY, "A node that an agreement is between"),       \
	    SHAPE("AgreementSide", AGREEMENT_SIDE, "What went between this node and a party"),     \
	    SHAPE("AgreementTraffic", AGREEMENT_TRAFFIC, "Objects of one type, both ways"),        \
	    SHAPE("AgreementUnreached", AGREEMENT_UNREACHED,                                       \
	        "A member that this node does not reach"),                                         \
	    SHAPE("AgreementAnswer", AGREEMENT_ANSWER, "What this node says of an agreement"),     \
	    SHAPE("AgreementProof", AGREEMENT_PROOF, "Whether the parties' signatures hold"),      \
	    SHAPE("AgreementSignature", AGREEMENT_SIGNATURE, "A party's signature")

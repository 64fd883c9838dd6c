/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the table of operations about agreements; ops/ops.c alone includes this. */
#pragma once

#define PARAM_AGREEMENT {"id", IN_PATH, TYPE_ID, MUST, 1, 255, NULL, "of the agreement"}

static const struct op_param AGREEMENT_PROPOSE[] = {
    {"name", IN_BODY, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL,
        "of the community that it makes, as labels name it"},
    {"with", IN_BODY, TYPE_TEXT, MAY, 1, OPS_TEXT_MAX, NULL,
        "names of peers, separated by commas: the other parties, at most 6"},
    {"changes", IN_BODY, TYPE_ID, MAY, 1, 255, NULL,
        "the agreement that this is a newer version of: what is not given stays"},
    {"title", IN_BODY, TYPE_TEXT, MAY, 1, 250, NULL, "for people"},
    {"kind", IN_BODY, TYPE_TEXT, MAY, 1, 20, WORDS_COMMUNITY_KIND, "community when not given"},
    {"hub", IN_BODY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL,
        "of a pillar: name of a peer; this node when not given"},
    {"direction", IN_BODY, TYPE_TEXT, MAY, 1, 10, WORDS_PILLAR_DIRECTION,
        "of a pillar, as its hub sees it: in, nothing goes back to those that give"},
    {"incident", IN_BODY, TYPE_ID, MAY, 1, 255, NULL, "of a room: the incident that it is about"},
    {"ceiling", IN_BODY, TYPE_TEXT, MAY, 1, 20, WORDS_TLP,
        "the highest label that members get through it; TLP:AMBER when not given"},
    {"types", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "STIX types shared in it, separated by commas; all when not given"},
    {"purposes", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "what it is for, separated by semicolons"},
    {"anonymise", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "what members get objects without, separated by commas; victims when not given"},
    {"retention", IN_BODY, TYPE_TEXT, MAY, 1, 250, NULL, "how long what is shared is kept"},
    {"legal_ref", IN_BODY, TYPE_TEXT, MAY, 1, 250, NULL, "the legal basis"},
    {"valid_from", IN_BODY, TYPE_TIME, MAY, 20, 40, NULL, "when it begins; once all have signed"},
    {"expires", IN_BODY, TYPE_TIME, MAY, 20, 40, NULL, "its end; a room must have one"},
    {"reciprocity_visible", IN_BODY, TYPE_BOOL, MAY, 0, 0, NULL,
        "the parties agree that they may publish what they gave and got"},
};

static const struct op_param AGREEMENT_SHOW[] = {PARAM_AGREEMENT};

static const struct op_param AGREEMENT_ANSWER[] = {
    PARAM_AGREEMENT,
    {"reason", IN_BODY, TYPE_TEXT, MAY, 1, 1000, NULL, "told to the other parties"},
    {"version", IN_BODY, TYPE_TIME, MAY, 20, 40, NULL,
        "the one that was looked at: refused when there is a newer one"},
};

#define OPS_AGREEMENTS                                                                             \
	{.name = "agreement.list",                                                                 \
	    .method = OP_GET,                                                                      \
	    .path = "/agreements",                                                                 \
	    .verb = "agreement list",                                                              \
	    .action = ACTION_AUDIT,                                                                \
	    .kind = OP_READ,                                                                       \
	    PARAMS(PAGE),                                                                          \
	    .result = "Agreement",                                                                 \
	    .answer = ANSWER_PAGE,                                                                 \
	    .help = "List agreements and how they stand"},                                         \
	    {.name = "agreement.propose",                                                          \
	        .method = OP_POST,                                                                 \
	        .path = "/agreements",                                                             \
	        .verb = "agreement propose",                                                       \
	        .action = ACTION_ADMINISTER,                                                       \
	        .kind = OP_WRITE,                                                                  \
	        PARAMS(AGREEMENT_PROPOSE),                                                         \
	        .result = "AgreementAnswer",                                                       \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Propose an agreement to peers, or a newer version of one"},               \
	    {.name = "agreement.show",                                                             \
	        .method = OP_GET,                                                                  \
	        .path = "/agreements/{id}",                                                        \
	        .verb = "agreement show",                                                          \
	        .action = ACTION_AUDIT,                                                            \
	        .kind = OP_READ,                                                                   \
	        PARAMS(AGREEMENT_SHOW),                                                            \
	        .result = "AgreementPage",                                                         \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Show one agreement, what each party says and what went which way"},       \
	    {.name = "agreement.verify",                                                           \
	        .method = OP_GET,                                                                  \
	        .path = "/agreements/{id}/signatures",                                             \
	        .verb = "agreement verify",                                                        \
	        .action = ACTION_AUDIT,                                                            \
	        .kind = OP_READ,                                                                   \
	        PARAMS(AGREEMENT_SHOW),                                                            \
	        .result = "AgreementProof",                                                        \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Check the parties' signatures on an agreement with their keys"},          \
	    {.name = "agreement.sign",                                                             \
	        .method = OP_POST,                                                                 \
	        .path = "/agreements/{id}/sign",                                                   \
	        .verb = "agreement sign",                                                          \
	        .action = ACTION_ADMINISTER,                                                       \
	        .kind = OP_WRITE,                                                                  \
	        PARAMS(AGREEMENT_ANSWER),                                                          \
	        .result = "AgreementAnswer",                                                       \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Sign an agreement: this node's consent"},                                 \
	    {.name = "agreement.decline",                                                          \
	        .method = OP_POST,                                                                 \
	        .path = "/agreements/{id}/decline",                                                \
	        .verb = "agreement decline",                                                       \
	        .action = ACTION_ADMINISTER,                                                       \
	        .kind = OP_WRITE,                                                                  \
	        PARAMS(AGREEMENT_ANSWER),                                                          \
	        .result = "AgreementAnswer",                                                       \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "Decline an agreement"},                                                   \
	    {.name = "agreement.leave",                                                            \
	        .method = OP_POST,                                                                 \
	        .path = "/agreements/{id}/leave",                                                  \
	        .verb = "agreement leave",                                                         \
	        .action = ACTION_ADMINISTER,                                                       \
	        .kind = OP_WRITE,                                                                  \
	        PARAMS(AGREEMENT_ANSWER),                                                          \
	        .result = "AgreementAnswer",                                                       \
	        .answer = ANSWER_ONE,                                                              \
	        .help = "End this node's part in an agreement, from now on"}

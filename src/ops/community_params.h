/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of the operations on communities; ops/ops.c alone includes this. */
#pragma once

#define PARAM_COMMUNITY                                                                            \
	{"name", IN_PATH, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL, "of the community"}

static const struct op_param COMMUNITY_ADD[] = {
    {"name", IN_BODY, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL,
        "as labels name it: letters, digits and any of ._:+-"},
    {"title", IN_BODY, TYPE_TEXT, MAY, 1, 250, NULL, "for people"},
    {"kind", IN_BODY, TYPE_TEXT, MAY, 1, 20, WORDS_COMMUNITY_KIND, "community when not given"},
    {"hub", IN_BODY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL,
        "of a pillar: name of a peer; this node when not given"},
    {"direction", IN_BODY, TYPE_TEXT, MAY, 1, 10, WORDS_PILLAR_DIRECTION,
        "of a pillar, as its hub sees it: in, nothing goes back to those that give"},
    {"incident", IN_BODY, TYPE_ID, MAY, 1, 255, NULL, "of a room: the incident that it is about"},
    {"members", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "names of peers, separated by commas"},
    {"ceiling", IN_BODY, TYPE_TEXT, MAY, 1, 20, WORDS_TLP,
        "the highest label that its members get through it; TLP:AMBER when not given"},
    {"types", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "STIX types shared in it, separated by commas; all when not given"},
    {"anonymise", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "what its members get objects without, separated by commas; victims when not given, empty: "
        "nothing"},
    {"purposes", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL, "what it is for, for people"},
    {"expires", IN_BODY, TYPE_TIME, MAY, 20, 40, NULL, "its end; never when not given"},
};

static const struct op_param COMMUNITY_REMOVE[] = {PARAM_COMMUNITY};

static const struct op_param COMMUNITY_MEMBER[] = {
    PARAM_COMMUNITY,
    {"member", IN_BODY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL,
        "name of a peer; this node when not given"},
};

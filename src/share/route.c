/* SPDX-License-Identifier: Apache-2.0 */
#include "share/route.h"

#include "http/text.h"

enum { SEGMENTS_MAX = 6 };

/* A segment is a word, or one of the variables. */
#define ROOT S("{root}")
#define COLLECTION S("{collection}")
#define ITEM S("{item}")

static const struct {
	enum taxii_resource resource;
	struct str segments[SEGMENTS_MAX];
} ROUTES[] = {
    {TAXII_DISCOVERY, {S("taxii2")}},
    {TAXII_ROOT, {ROOT}},
    {TAXII_STATUS, {ROOT, S("status"), ITEM}},
    {TAXII_COLLECTIONS, {ROOT, S("collections")}},
    {TAXII_COLLECTION, {ROOT, S("collections"), COLLECTION}},
    {TAXII_MANIFEST, {ROOT, S("collections"), COLLECTION, S("manifest")}},
    {TAXII_OBJECTS, {ROOT, S("collections"), COLLECTION, S("objects")}},
    {TAXII_OBJECT, {ROOT, S("collections"), COLLECTION, S("objects"), ITEM}},
    {TAXII_VERSIONS, {ROOT, S("collections"), COLLECTION, S("objects"), ITEM, S("versions")}},
};

struct str route_methods(enum taxii_resource resource)
{
	static const struct str METHODS[TAXII_RESOURCES] = {
	    [TAXII_DISCOVERY] = S("GET, HEAD"),
	    [TAXII_ROOT] = S("GET, HEAD"),
	    [TAXII_STATUS] = S("GET, HEAD"),
	    [TAXII_COLLECTIONS] = S("GET, HEAD"),
	    [TAXII_COLLECTION] = S("GET, HEAD"),
	    [TAXII_MANIFEST] = S("GET, HEAD"),
	    [TAXII_OBJECTS] = S("GET, HEAD, POST"),
	    [TAXII_OBJECT] = S("GET, HEAD, DELETE"),
	    [TAXII_VERSIONS] = S("GET, HEAD"),
	};

	return METHODS[resource];
}

static bool fits(const struct str pattern[SEGMENTS_MAX], const struct str *segments, size_t count,
    struct route *out)
{
	size_t n = 0;

	while (n < SEGMENTS_MAX && pattern[n].p)
		n++;
	if (n != count)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (str_eq(pattern[i], ROOT))
			out->root = segments[i];
		else if (str_eq(pattern[i], COLLECTION))
			out->collection = segments[i];
		else if (str_eq(pattern[i], ITEM))
			out->item = segments[i];
		else if (!str_eq(pattern[i], segments[i]))
			return false;
	}
	return true;
}

enum err route_parse(struct route *out, struct arena *arena, struct str path)
{
	struct str segments[SEGMENTS_MAX];
	struct str rest = str_from(path, 1);
	size_t count = 0;

	if (rest.n && rest.p[rest.n - 1] == '/')
		rest.n--;
	while (rest.p) {
		struct str segment = str_cut(&rest, '/');

		if (segment.n == 0 || count == SEGMENTS_MAX)
			return ERR_NOT_FOUND;
		TRY(http_decode(&segments[count++], arena, segment, false));
	}
	for (size_t i = 0; i < sizeof(ROUTES) / sizeof(ROUTES[0]); i++) {
		struct route route = {.resource = ROUTES[i].resource};

		if (fits(ROUTES[i].segments, segments, count, &route)) {
			*out = route;
			return OK;
		}
	}
	return ERR_NOT_FOUND;
}

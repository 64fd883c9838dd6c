/* SPDX-License-Identifier: Apache-2.0 */
/* The web interface: files inside the program, under a policy that lets a page run nothing but
 * them. Names under /assets/ hold a hash of their content and never change. */
#include "api/request.h"

static const struct {
	const char *name, *value;
} GUARDS[] = {
    {"Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

static void set_guards(struct http_request *rq, struct str path)
{
	bool hashed = str_starts(path, S("/assets/"));

	for (size_t i = 0; i < sizeof(GUARDS) / sizeof(*GUARDS); i++)
		http_set(rq, GUARDS[i].name, str_c(GUARDS[i].value));
	http_set(
	    rq, "Cache-Control", hashed ? S("public, max-age=31536000, immutable") : S("no-store"));
}

static bool takes_gzip(struct http_request *rq)
{
	struct str rest = http_header(rq, "Accept-Encoding");

	while (rest.p) {
		struct str coding = str_cut(&rest, ',');
		struct str name = str_trim(str_cut(&coding, ';'));

		if (str_eq_nocase(name, S("gzip")))
			return !coding.p || str_search(coding, S("q=0")) == coding.n ||
			       str_search(coding, S("q=0.")) < coding.n;
	}
	return false;
}

static void send_file(struct http_request *rq, const struct ui_file *f)
{
	const unsigned char *from = f->raw, *to = f->raw_end;

	set_guards(rq, str_c(f->path));
	http_set(rq, "Content-Type", str_c(f->type));
	http_set(rq, "Vary", S("Accept-Encoding"));
	if (f->gz && takes_gzip(rq)) {
		http_set(rq, "Content-Encoding", S("gzip"));
		from = f->gz;
		to = f->gz_end;
	}
	http_reply_ref(rq, (struct str){(const char *)from, (size_t)(to - from)});
	http_reply_send(rq, 200);
}

static void send_plain(struct http_request *rq)
{
	set_guards(rq, S("/"));
	http_set(rq, "Content-Type", S("text/plain; charset=utf-8"));
	http_reply(rq, 200,
	    S("tocsin: this program was built without the web interface (TOCSIN_UI=OFF).\n"
	      "The node answers programs at /api/v1/ and /taxii2/.\n"));
}

bool files_handle(struct api *a, struct http_request *rq)
{
	enum http_method method = http_method(rq);
	struct str path = http_path(rq);

	if (method != HTTP_GET && method != HTTP_HEAD)
		return false;
	if (str_eq(path, S("/")))
		path = S("/index.html");
	for (size_t i = 0; i < a->o.file_count; i++) {
		if (str_eq(path, str_c(a->o.files[i].path))) {
			send_file(rq, &a->o.files[i]);
			return true;
		}
	}
	if (a->o.file_count == 0 && str_eq(path, S("/index.html"))) {
		send_plain(rq);
		return true;
	}
	return false;
}

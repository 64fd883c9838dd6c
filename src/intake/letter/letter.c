/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/letter/letter.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/base64.h"
#include "codec/json.h"
#include "codec/mime.h"
#include "intake/messages.h"
#include "sys/files.h"

enum {
	ARGS_MEMORY = 8 << 20,
	FILE_MEMORY = LETTER_MAX + (1 << 20),
	/* The signed part with other line ends, its content, and that of the file in it. */
	WORK_MEMORY = 5 * LETTER_MAX,
	ANSWER_MAX = 4096,
};

static bool is_signature(struct str type)
{
	return str_eq(type, S("application/pkcs7-signature")) ||
	       str_eq(type, S("application/x-pkcs7-signature"));
}

/* multipart/signed: exactly two parts, the second is the signature over the first. */
static enum err open_signed(
    struct cms_check *check, struct arena *arena, const struct mime *mail, struct fault *fault)
{
	struct str content, signature, third;
	struct mime_parts parts;
	struct mime m;

	if (!mail->protocol.p || !is_signature(mail->protocol))
		return fail(fault, ERR_UNSUPPORTED, "the mail is signed, but not as S/MIME");
	TRY(mime_parts(&parts, mail, fault));
	if (mime_part(&parts, &content, fault) != OK ||
	    mime_part(&parts, &signature, fault) != OK ||
	    mime_part(&parts, &third, NULL) != ERR_NOT_FOUND)
		return fail(fault, ERR_PARSE, "the signed mail has not two parts");
	TRY(mime_read(&m, arena, signature, fault));
	if (!is_signature(m.type))
		return fail(fault, ERR_PARSE, "the second part of the mail is no signature");
	TRY(mime_decode(&check->signature, arena, &m, fault));
	if (check->signature.n > CMS_SIGNATURE_MAX)
		return fail(fault, ERR_LIMIT, "the signature is too long");
	if (mime_canonical(&check->content, arena, content) != OK)
		return fail(fault, ERR_LIMIT, "the mail is too long");
	return OK;
}

/* application/pkcs7-mime: the content is in the signature. */
static enum err open_opaque(
    struct cms_check *check, struct arena *arena, const struct mime *mail, struct fault *fault)
{
	if (mail->smime_type.p && !str_eq_nocase(mail->smime_type, S("signed-data")))
		return fail(fault, ERR_UNSUPPORTED,
		    "the mail is encrypted: decrypt it first (openssl cms -decrypt)");
	TRY(mime_decode(&check->signature, arena, mail, fault));
	check->content = STR_NONE;
	return OK;
}

static enum err open_mail(struct letter_content *out, struct arena *arena, struct cms_check *check,
    struct str file, struct fault *fault)
{
	struct cms_signed found;
	struct mime mail;

	TRY(mime_read(&mail, arena, file, fault));
	if (str_eq(mail.type, S("multipart/signed")))
		TRY(open_signed(check, arena, &mail, fault));
	else if (str_eq(mail.type, S("application/pkcs7-mime")) ||
	         str_eq(mail.type, S("application/x-pkcs7-mime")))
		TRY(open_opaque(check, arena, &mail, fault));
	else
		return fail(fault, ERR_DENIED, "the mail is not signed");
	TRY(cms_verify(&found, arena, check, fault));
	out->digest = found.digest;
	out->time = found.time;
	return mime_find_json(&out->bundle, arena, found.content, fault);
}

enum err letter_open(struct letter_content *out, struct arena *arena, const struct letter *letter,
    struct fault *fault)
{
	struct cms_check check = {.signature = letter->signature,
	    .content = letter->file,
	    .certificate = letter->certificate,
	    .now = letter->now};
	struct letter_content content = {0};
	struct cms_signed found;

	if (!letter->signature.p) {
		TRY(open_mail(&content, arena, &check, letter->file, fault));
	} else {
		TRY(cms_verify(&found, arena, &check, fault));
		content = (struct letter_content){found.content, found.digest, found.time};
	}
	*out = content;
	return OK;
}

/* ---- the message ---- */

static enum err read_letter(struct letter *out, struct arena *args_arena, struct arena *file_arena,
    const struct chan_message *m, struct fault *fault)
{
	const struct json_limits limits = {.bytes = ARGS_MEMORY / 4, .depth = 4};
	struct letter l = {.signature = STR_NONE};
	yyjson_val *args;

	if (!m->fd_count)
		return fail(fault, ERR_IO, "a message comes with a file");
	TRY(json_parse(&args, args_arena, arena_str(args_arena, m->body), &limits, fault));
	TRY(base64_decode(&l.certificate, args_arena, json_get_str(args, "certificate")));
	if (yyjson_obj_get(args, "signature"))
		TRY(base64_decode(&l.signature, args_arena, json_get_str(args, "signature")));
	l.now = yyjson_get_sint(yyjson_obj_get(args, "now"));
	TRY(file_read_fd(&l.file, file_arena, m->fds[0], LETTER_MAX, fault));
	*out = l;
	return OK;
}

/* The bundle as a file of its own, which nobody else has. */
static enum err put_file(int *out, struct str bytes, struct fault *fault)
{
	int fd = memfd_create("bundle", MFD_CLOEXEC);

	while (fd >= 0 && bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n <= 0) {
			(void)close(fd);
			fd = -1;
		} else {
			bytes = str_from(bytes, (size_t)n);
		}
	}
	*out = fd;
	return fd < 0 ? fail(fault, ERR_IO, "no memory file for the bundle") : OK;
}

static void answer(uint64_t id, struct chan *core, enum err rc, const struct letter_content *c,
    int fd, const struct fault *fault)
{
	struct chan_message m = {
	    .type = INTAKE_LETTER_SEEN, .id = id, .fds = &fd, .fd_count = rc == OK};
	struct str text = str_c(rc == OK ? "" : fault->text);
	struct buf b;

	buf_init(&b, ANSWER_MAX);
	buf_u8(&b, (uint8_t)rc);
	buf_u32(&b, (uint32_t)text.n);
	buf_put(&b, text);
	if (rc == OK) {
		buf_put(&b, (struct str){(const char *)c->digest.b, SHA256_LEN});
		buf_u64(&b, (uint64_t)c->time);
	}
	m.body = buf_str(&b);
	/* When core is gone, so is who asked. */
	(void)!chan_send_always(core, &m);
	buf_free(&b);
}

void letter_look(const struct chan_message *m, struct chan *core)
{
	struct arena *args = arena_new(ARGS_MEMORY), *file = arena_new(FILE_MEMORY),
	             *work = arena_new(WORK_MEMORY);
	struct letter_content content = {0};
	struct fault fault = {.code = OK};
	struct letter letter;
	int fd = -1;
	enum err rc = read_letter(&letter, args, file, m, &fault);

	if (rc == OK)
		rc = letter_open(&content, work, &letter, &fault);
	if (rc == OK)
		rc = put_file(&fd, content.bundle, &fault);
	answer(m->id, core, rc, &content, fd, &fault);
	if (fd >= 0)
		(void)close(fd);
	arena_free(args);
	arena_free(file);
	arena_free(work);
}

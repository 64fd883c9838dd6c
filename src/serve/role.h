/* SPDX-License-Identifier: Apache-2.0 */
/* What every role of a node has: its loop, its configuration, its channel to the supervisor. One
 * row of NODE_ROLES a role; each has a file of its own (core.c, front.c, intake.c, signer.c). */
#pragma once

#include "base/arena.h"
#include "base/log.h"
#include "sys/chan.h"
#include "sys/config.h"
#include "sys/loop.h"
#include "sys/sandbox.h"

struct node_role {
	const struct node_role_class *class;
	struct loop *loop;
	struct chan *supervisor;
	struct arena *arena; /* of what lives as long as the process */
	struct config config;
	struct log log;
	struct str dir; /* the node directory, absolute */
	void *state;
	int code; /* of exit */
};

/* What a role listens on; a transient node has no role that listens. */
enum role_listener { LISTENER_NONE, LISTENER_WEB, LISTENER_TAXII, LISTENER_LINK, LISTENERS };

enum { ROLE_LISTENERS_MAX = 2 };

struct node_role_class {
	const char *name;
	/* In the order in which it gets those that the configuration wants. */
	enum role_listener listeners[ROLE_LISTENERS_MAX];
	enum err (*open)(struct node_role *role, struct fault *fault);
	/* A fresh connection to another role; the fd is the callee's. */
	void (*peer)(struct node_role *role, struct str name, int fd);
	/* A socket to listen on; NULL in roles that have none. */
	void (*listen)(struct node_role *role, enum role_listener which, int fd);
	/* Files to read again, in the order of supervisor.c's list; NULL in roles that have none.
	 */
	void (*reload)(struct node_role *role, const int *fds, size_t count);
	/* Finish what is under way and call role_exit; NULL: role_exit at once. */
	void (*stop)(struct node_role *role);
	void (*close)(struct node_role *role);
};

/* The roles, in the order in which they are started; ends with NULL. */
extern const struct node_role_class *const NODE_ROLES[];
extern const struct node_role_class ROLE_SIGNER_CLASS;
extern const struct node_role_class ROLE_CORE_CLASS;
extern const struct node_role_class ROLE_INTAKE_CLASS;
extern const struct node_role_class ROLE_LINK_CLASS;
extern const struct node_role_class ROLE_SIGNIN_CLASS;
extern const struct node_role_class ROLE_FRONT_CLASS;

/* Lists of the configuration that name roles and operations. */
MUST_USE enum err role_config_check(const struct config *config, struct fault *fault);

/* The whole life of a role process; returns its exit code. */
int role_main(const char *name, const char *dir, bool quiet);
/* Ends the loop; the process exits with this code when its state is closed. */
void role_exit(struct node_role *role, int code);

/* Locks the role in and logs what it found. To be called before the first foreign byte. */
MUST_USE enum err role_confine(
    struct node_role *role, const struct sandbox *sandbox, struct fault *fault);
/* Tells the supervisor that this role does its work now. */
void role_ready(struct node_role *role);
/* Tells the supervisor a figure that people see in the status. */
void role_figure(struct node_role *role, const char *name, uint64_t value);
/* Sets or (text NULL) ends an alarm that people see in the status. */
void role_alarm(struct node_role *role, const char *code, const char *text);
/* "DIR/name" for as long as the process lives. */
struct str role_path(struct node_role *role, const char *name);

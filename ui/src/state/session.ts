// SPDX-License-Identifier: Apache-2.0
// Who is signed in. The credential itself is a cookie that scripts cannot read.
import { signal } from "@preact/signals";
import { ApiError, call, whenUnauthorised } from "../api/client";
import type { Session } from "../api/types.gen";

/** undefined: not known yet; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);
export const sessionEnded = signal(false);
/** Why we could not find out who is signed in. */
export const sessionError = signal<unknown>(undefined);

const AUDITING: readonly Session["role"][] = ["analyst", "auditor", "admin"];
const SHARING: readonly Session["role"][] = ["analyst", "admin"];

/** Who may audit sees peers, and who gets what. */
export const mayAudit = () => AUDITING.includes(session.value?.role ?? "reader");
/** Who may, by role, give objects another label and take own ones back; the node decides on each. */
export const mayShare = () => SHARING.includes(session.value?.role ?? "reader");

/** Who may sign for the node. */
export const mayAdminister = () => session.value?.role === "admin";

export async function findSession(): Promise<void> {
  sessionError.value = undefined;
  try {
    session.value = await call("session.show", {});
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.value = null;
    else sessionError.value = error;
  }
}

/** `code`: of the account's authenticator; empty when none was asked for. */
export async function signIn(name: string, password: string, code = ""): Promise<void> {
  const given = code.replace(/\s/g, "");
  session.value = await call(
    "session.create",
    given ? { name, password, code: given } : { name, password },
  );
  sessionEnded.value = false;
}

export async function signOut(): Promise<void> {
  await call("session.delete", {});
  session.value = null;
}

export function loseSession(): void {
  if (!session.value) return;
  sessionEnded.value = true;
  session.value = null;
}

export function startSession(): void {
  whenUnauthorised(loseSession);
  void findSession();
}

// SPDX-License-Identifier: Apache-2.0
// Calls to the node's API by the names of its operations: one function, one error type, one place
// that notices a lost session. Routes, parameters and results come from the node's own table.
import { type StreamEvent, StreamParser } from "./sse";
import { type OperationName, type Operations, type ProblemBody, ROUTES } from "./types.gen";

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: the node did not answer
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type Result<N extends OperationName> = Operations[N]["result"];
/** Parameters may be given as undefined: then they are left out. */
export type Params<N extends OperationName> = {
  [K in keyof Operations[N]["params"]]: Operations[N]["params"][K] | undefined;
};

let onUnauthorised: () => void = () => {};

/** Called when the node no longer knows who we are. */
export function whenUnauthorised(call: () => void): void {
  onUnauthorised = call;
}

/** The second tells the node that a page asks, so that it does not make the browser ask for a password. */
export const PAGE_HEADERS = { accept: "application/json", "x-requested-with": "tocsin-ui" };

/** The address of an operation, relative to the page, so that a node can live under any path. */
export function urlOf<N extends OperationName>(name: N, params: Params<N>): string {
  const route = ROUTES[name];
  const rest = new Map(Object.entries(params));
  const path = route.path.slice(1).replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = rest.get(key);
    rest.delete(key);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  if (route.body !== "json") {
    for (const [key, value] of rest) {
      if (value !== undefined && value !== "") query.set(key, String(value));
    }
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

function isProblem(value: unknown): value is { error: ProblemBody } {
  if (typeof value !== "object" || value === null || !("error" in value)) return false;
  const { error } = value;
  return typeof error === "object" && error !== null && "message" in error && "code" in error;
}

async function failure(answer: Response): Promise<ApiError> {
  const body: unknown = await answer.json().catch(() => undefined);
  if (isProblem(body)) return new ApiError(answer.status, body.error.code, body.error.message);
  return new ApiError(answer.status, "http", `${answer.status} ${answer.statusText}`.trim());
}

async function send<N extends OperationName>(
  name: N,
  params: Params<N>,
  signal?: AbortSignal,
  file?: string,
): Promise<Response> {
  const route = ROUTES[name];
  const init: RequestInit = {
    method: route.method,
    headers: PAGE_HEADERS,
    credentials: "same-origin",
  };
  if (route.body === "json") {
    // What stands in the path is not said again.
    const rest = Object.entries(params).filter(([key]) => !route.path.includes(`{${key}}`));
    init.body = JSON.stringify(Object.fromEntries(rest));
    init.headers = { ...PAGE_HEADERS, "content-type": "application/json" };
  }
  if (file !== undefined) init.body = file; // as text/plain
  if (signal) init.signal = signal;
  let answer: Response;
  try {
    answer = await fetch(urlOf(name, params), init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError(0, "unreachable", "");
  }
  if (answer.ok) return answer;
  const error = await failure(answer);
  // Asking for the session itself answers 401 when nobody is signed in: that is no loss of one.
  if (error.status === 401 && !name.startsWith("session.")) onUnauthorised();
  throw error;
}

export async function call<N extends OperationName>(
  name: N,
  params: Params<N>,
  signal?: AbortSignal,
): Promise<Result<N>> {
  const answer = await send(name, params, signal);
  return answer.status === 204 ? null : await answer.json();
}

/** The answer as text, for where its exact bytes matter. */
export async function callText<N extends OperationName>(
  name: N,
  params: Params<N>,
  signal?: AbortSignal,
): Promise<string> {
  return (await send(name, params, signal)).text();
}

/** An operation that takes a text and answers by events, until the last of them was heard. */
export async function callEvents<N extends OperationName>(
  name: N,
  params: Params<N>,
  file: string,
  onEvent: (event: StreamEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const { body } = await send(name, params, signal, file);
  if (!body) return;
  const parser = new StreamParser();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of parser.push(value)) onEvent(event);
  }
}

// SPDX-License-Identifier: Apache-2.0
// Cuts the exact text of one member out of a JSON object, because JSON.parse keeps neither the
// order of digits nor the spaces that a hash is made over.

function skipSpace(text: string, at: number): number {
  while (at < text.length && " \t\n\r".includes(text.charAt(at))) at++;
  return at;
}

function skipString(text: string, at: number): number {
  for (at++; at < text.length; at++) {
    const c = text.charAt(at);
    if (c === "\\") at++;
    else if (c === '"') return at + 1;
  }
  return -1;
}

function skipValue(text: string, at: number): number {
  let depth = 0;
  while (at < text.length) {
    const c = text.charAt(at);
    if (c === '"') {
      at = skipString(text, at);
      if (at < 0) return -1;
    } else {
      if (c === "{" || c === "[") depth++;
      else if (c === "}" || c === "]") depth--;
      else if (depth === 0 && c === ",") return at;
      if (depth < 0) return at;
      at++;
    }
    if (depth === 0 && (c === '"' || c === "}" || c === "]")) return at;
  }
  return depth === 0 ? at : -1;
}

/** The text of top-level member `name` of the JSON object in `text`, or undefined. */
export function rawMember(text: string, name: string): string | undefined {
  let at = skipSpace(text, 0);
  if (text.charAt(at) !== "{") return undefined;
  at = skipSpace(text, at + 1);
  while (text.charAt(at) === '"') {
    const keyEnd = skipString(text, at);
    if (keyEnd < 0) return undefined;
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    at = skipSpace(text, keyEnd);
    if (text.charAt(at) !== ":") return undefined;
    const start = skipSpace(text, at + 1);
    const end = skipValue(text, start);
    if (end < 0) return undefined;
    if (key === name) return text.slice(start, end).trimEnd();
    at = skipSpace(text, end);
    if (text.charAt(at) !== ",") return undefined;
    at = skipSpace(text, at + 1);
  }
  return undefined;
}

// SPDX-License-Identifier: Apache-2.0
// A number with its word, as a language writes them.

export type Count = (n: number, one: string, many: string) => string;

export function countIn(locale: string): Count {
  return (n, one, many) => `${n.toLocaleString(locale)} ${n === 1 ? one : many}`;
}

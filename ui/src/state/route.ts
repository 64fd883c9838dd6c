// SPDX-License-Identifier: Apache-2.0
// Where we are: #/page?name=value. The part after # never reaches the node, so no id is in its logs,
// and the page works under any base path.
import { signal } from "@preact/signals";

export const PAGES = [
  "sightings",
  "indicators",
  "quarantine",
  "hunt",
  "sources",
  "search",
  "status",
  "peers",
  "agreements",
  "indicator",
  "object",
] as const;
export type Page = (typeof PAGES)[number];

export interface Route {
  page: Page;
  params: URLSearchParams;
}

function isPage(value: string): value is Page {
  return (PAGES as readonly string[]).includes(value);
}

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { page: isPage(path) ? path : "sightings", params: new URLSearchParams(query) };
}

export function hrefTo(page: Page, params: Record<string, string | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value);
  const text = query.toString();
  return `#/${page}${text ? `?${text}` : ""}`;
}

export const objectHref = (id: string, version?: string) => hrefTo("object", { id, version });

export const indicatorHref = (id: string) => hrefTo("indicator", { id });

export const route = signal<Route>({ page: "sightings", params: new URLSearchParams() });

export function go(href: string): void {
  location.hash = href.slice(1);
}

export function startRouter(): void {
  const read = () => {
    route.value = parseRoute(location.hash);
  };
  addEventListener("hashchange", read);
  read();
}

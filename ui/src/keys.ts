// SPDX-License-Identifier: Apache-2.0
// Single-key shortcuts: never while somebody types, never with a modifier, and they can be switched
// off (WCAG 2.1.4).
import { togglePause } from "./pages/sightings";
import { NAV, navPages, openKeys } from "./parts/header";
import { moveRow, tickRow } from "./parts/table";
import { shortcuts } from "./state/prefs";
import { go, hrefTo, route } from "./state/route";
import { session } from "./state/session";

const actions: Record<string, () => void> = {
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: tickRow,
  p: () => {
    if (route.value.page === "sightings") togglePause();
  },
  "/": () => document.querySelector<HTMLInputElement>("#find")?.focus(),
  "?": openKeys,
};
NAV.forEach((page, i) => {
  actions[String(i + 1)] = () => {
    if (navPages().includes(page)) go(hrefTo(page));
  };
});

function typing(target: EventTarget | null): boolean {
  const selector = "input:not([type=checkbox]), select, textarea, dialog";
  return target instanceof Element && target.closest(selector) !== null;
}

export function startKeys(): void {
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && typing(event.target)) (event.target as HTMLElement).blur();
    if (!shortcuts.value || !session.value || typing(event.target)) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

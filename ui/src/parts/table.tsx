// SPDX-License-Identifier: Apache-2.0
// The table of every list: one link a row (marked data-row) is what j, k and Enter work on, so that
// keyboard, mouse and screen reader use the same thing.
import type { ComponentChildren } from "preact";

export interface Column<T> {
  key: string;
  head: string;
  cell: (row: T) => ComponentChildren;
  kind?: "num" | "main" | "fit"; // number, takes the space that is left, as narrow as it can be
}

interface Props<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  classOf?: (row: T) => string | undefined;
}

export function Table<T>({ caption, columns, rows, keyOf, classOf }: Props<T>) {
  return (
    <div class="table">
      <table>
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" class={column.kind}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={classOf?.(row)}>
              {columns.map((column) => (
                <td key={column.key} class={column.kind} data-head={column.head}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Moves the focus by rows; true when there was a row to go to. */
export function moveRow(step: 1 | -1): boolean {
  const links = [...document.querySelectorAll<HTMLElement>("main a[data-row]")];
  const here = document.activeElement?.closest("tr")?.querySelector<HTMLElement>("a[data-row]");
  const at = here ? links.indexOf(here) : -1;
  const target = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + step))];
  target?.focus();
  target?.closest("tr")?.scrollIntoView({ block: "nearest" });
  return target !== undefined;
}

/** Ticks or unticks the row that has the focus, where rows can be ticked. */
export function tickRow(): void {
  const row = document.activeElement?.closest("tr");
  row?.querySelector<HTMLInputElement>("input[type=checkbox]")?.click();
}

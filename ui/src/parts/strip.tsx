// SPDX-License-Identifier: Apache-2.0
// The strip of the first page: sightings a minute.
import type { Minute } from "../state/sightings";
import { clockOf } from "../state/time";
import { text } from "../text/text";
import { Bars } from "./bars";

function minute(ms: number): string {
  return `${clockOf(ms).slice(0, 5)}Z`;
}

export function Strip({ minutes }: { minutes: readonly Minute[] }) {
  const t = text.value.sightings;
  const total = minutes.reduce((sum, m) => sum + m.count, 0);
  const gap = minutes.some((m) => !m.known);
  return (
    <Bars
      bars={minutes}
      name={`${t.rate}: ${t.rateShort(total)}`}
      heads={[t.rateMinute, t.rateCount]}
      when={minute}
      says={gap ? `${t.rateShort(total)}; ${t.rateGap}` : t.rateShort(total)}
      quiet={t.rateQuiet}
    />
  );
}

// SPDX-License-Identifier: Apache-2.0
// A dialogue over the page: opens when it is put there, closes by button and Esc, and gives the focus
// back to where it was.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { text } from "../text/text";

export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog ref={ref} class="panel" aria-labelledby={id} onClose={onClose}>
      <div class="panel-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="small" onClick={() => ref.current?.close()}>
          {text.value.keys.close}
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** What the node said when it refused what a person asked of it, in its own words. */
export function Refusal({ message }: { message: string | undefined }) {
  return (
    <div role="alert">
      {message !== undefined && <p class="notice bad">{text.value.errors.other(message)}</p>}
    </div>
  );
}

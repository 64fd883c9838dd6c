// SPDX-License-Identifier: Apache-2.0
// What a person chose for this browser. Nothing else is stored here: no data, no credential.
import { effect, signal } from "@preact/signals";
import { isLanguage, type Language, pickLanguage, speak } from "../text/text";

export type Theme = "auto" | "dark" | "light";

export const theme = signal<Theme>("auto");
export const language = signal<Language>("en");
export const shortcuts = signal(true);

function read(name: string): string {
  try {
    return localStorage.getItem(`tocsin.${name}`) ?? "";
  } catch {
    return ""; // storage can be switched off
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`tocsin.${name}`, value);
  } catch {
    // then it lasts as long as the page
  }
}

export function startPrefs(): void {
  const savedTheme = read("theme");
  if (savedTheme === "dark" || savedTheme === "light") theme.value = savedTheme;
  const savedLanguage = read("language");
  language.value = isLanguage(savedLanguage) ? savedLanguage : pickLanguage(navigator.languages);
  shortcuts.value = read("shortcuts") !== "off";
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
    write("theme", theme.value);
  });
  effect(() => {
    void speak(language.value);
  });
  effect(() => write("shortcuts", shortcuts.value ? "on" : "off"));
}

export function chooseLanguage(value: Language): void {
  language.value = value;
  write("language", value);
}

// SPDX-License-Identifier: Apache-2.0
// Which language the page speaks. Languages other than English are loaded when chosen.
import { signal } from "@preact/signals";
import { en, type Text } from "./en";

export const LANGUAGES = { en: "English", nl: "Nederlands" } as const;
export type Language = keyof typeof LANGUAGES;

const loaders: Record<Language, () => Promise<Text>> = {
  en: () => Promise.resolve(en),
  nl: () => import("./nl").then((m) => m.nl),
};

export const text = signal<Text>(en);

export function isLanguage(value: string): value is Language {
  return Object.hasOwn(LANGUAGES, value);
}

/** The first of the browser's languages that we have. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split("-")[0] ?? "";
    if (isLanguage(base)) return base;
  }
  return "en";
}

export async function speak(language: Language): Promise<void> {
  text.value = await loaders[language]();
  document.documentElement.lang = language;
}

import { useSyncExternalStore } from 'react';
import { en, type Texts } from './en.ts';
import { zh } from './zh.ts';

export const LANGUAGES = { en: 'English', zh: '中文' } as const;
export type Language = keyof typeof LANGUAGES;

const TABLES: Readonly<Record<Language, Texts>> = { en, zh };
const KEPT_AS = 'vesalius-language';
const listeners = new Set<() => void>();
let chosen: Language = firstChoice();
document.documentElement.lang = chosen;

function firstChoice(): Language {
  const kept = localStorage.getItem(KEPT_AS);
  if (kept === 'en' || kept === 'zh') return kept;
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}

export function language(): Language {
  return chosen;
}

export function chooseLanguage(next: Language): void {
  chosen = next;
  localStorage.setItem(KEPT_AS, next);
  document.documentElement.lang = next;
  for (const listener of listeners) listener();
}

/** The texts now, where nothing is drawn. */
export const texts = (): Texts => TABLES[chosen];

/** The texts of the chosen language; drawn again when another is chosen. */
export function useTexts(): Texts {
  return TABLES[useSyncExternalStore(subscribe, language)];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

import type { Messages } from '@lingui/core'

type Load = () => Promise<{ readonly messages: Messages }>

interface Language {
  /** What its speakers call it. */
  readonly name: string
  /** The words of the first page. */
  readonly start: Load
  /** All other words. */
  readonly inside: Load
}

/** Every language of the app. Each person loads the words of only one. */
export const languages = {
  en: {
    name: 'English',
    start: () => import('./catalogs/en/start.po'),
    inside: () => import('./catalogs/en/inside.po'),
  },
  de: {
    name: 'Deutsch',
    start: () => import('./catalogs/de/start.po'),
    inside: () => import('./catalogs/de/inside.po'),
  },
} as const satisfies Record<string, Language>

/** A language tag, as in BCP 47. */
export type LanguageTag = keyof typeof languages

export const languageTags = Object.keys(languages) as [LanguageTag, ...LanguageTag[]]

const baseOf = (tag: string): string => tag.toLowerCase().split('-', 1)[0] ?? ''

/** The first requested language that the app has; English if there is none. */
export function preferredLanguage(asked: readonly string[]): LanguageTag {
  const found = asked.map((tag) => languageTags.find((one) => one === baseOf(tag)))
  return found.find((tag) => tag !== undefined) ?? 'en'
}

/** The locales for dates and numbers: the requested regional variants of the app's language. */
export const formatsFor = (language: LanguageTag, asked: readonly string[]): string[] => [
  ...asked.filter((tag) => baseOf(tag) === language),
  language,
]

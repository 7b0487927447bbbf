import { i18n, type Messages } from '@lingui/core'
import { t } from '@lingui/core/macro'
import { keptChoice } from '../kept-choice.ts'
import {
  formatsFor,
  type LanguageTag,
  languages,
  languageTags,
  preferredLanguage,
} from './languages.ts'

/** `system`: the language of the browser. */
const choices = ['system', ...languageTags] as const
export type LanguageChoice = (typeof choices)[number]

const kept = keptChoice('language', choices)

const languageOf = (choice: LanguageChoice): LanguageTag =>
  choice === 'system' ? preferredLanguage(navigator.languages) : choice

/** Whether more than the first page's words are needed. */
let isInside = false

/** Shows the first page in the chosen language, and re-renders everything when that changes. */
export async function startSpeaking(): Promise<void> {
  const speak = () => speakIn(languageOf(kept.chosen()))
  kept.subscribe(() => void speak().catch(() => {}))
  addEventListener('languagechange', () => void speak().catch(() => {}))
  await speak()
}

/** Loads the words for everything beyond the first page. */
export async function loadInsideWords(): Promise<void> {
  isInside = true
  await speakIn(languageOf(kept.chosen()))
}

/** Which languages have been loaded, and how much of each. */
const loaded = new Map<LanguageTag, 'start' | 'all'>()

async function speakIn(language: LanguageTag): Promise<void> {
  await loadWords(language)
  if (language !== languageOf(kept.chosen()) || language === i18n.locale) return
  i18n.activate(language, formatsFor(language, navigator.languages))
  document.documentElement.lang = language
  document.documentElement.dir = t({
    message: 'ltr',
    comment: 'The direction in which the language is written: ltr or rtl.',
  })
}

async function loadWords(language: LanguageTag): Promise<void> {
  const wanted = isInside ? 'all' : 'start'
  const had = loaded.get(language)
  const { start, inside } = languages[language]
  const missing = [
    ...(had ? [] : [start()]),
    ...(wanted === 'all' && had !== 'all' ? [inside()] : []),
  ]
  if (missing.length === 0) return
  const words: Messages = {}
  for (const { messages } of await Promise.all(missing)) Object.assign(words, messages)
  i18n.load(language, words)
  loaded.set(language, wanted)
}

/** The chosen language. */
export const chosenLanguage = kept

/** Switches the language once its words are loaded, so that a lost connection doesn't leave a page without words. */
export async function chooseLanguage(choice: LanguageChoice): Promise<void> {
  await loadWords(languageOf(choice))
  kept.choose(choice)
}

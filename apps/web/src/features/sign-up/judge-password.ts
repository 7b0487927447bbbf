import { plural, t } from '@lingui/core/macro'
import type { PasswordStrength } from '@sotto/sdk/password-strength'
import { MIN_PASSWORD_CHARS } from '@sotto/wire'
import { weaknessWords } from './weakness-words.ts'

export interface Judgement {
  /** 0 while nothing is typed, then 1 to 4. */
  readonly level: 0 | 1 | 2 | 3 | 4
  readonly words: string
  /** Why it can't be used; null if it can. */
  readonly problem: string | null
}

/** The verdict on a password. `strength` is null until the dictionaries are loaded; the client checks again. */
export function judgePassword(password: string, strength: PasswordStrength | null): Judgement {
  const { length } = password.normalize('NFC')
  if (length === 0) {
    return {
      level: 0,
      words: t`At least ${MIN_PASSWORD_CHARS} characters. Four unrelated words make a good password that’s easy to remember.`,
      problem: t`A password needs at least ${MIN_PASSWORD_CHARS} characters.`,
    }
  }
  if (length < MIN_PASSWORD_CHARS) {
    const missing = MIN_PASSWORD_CHARS - length
    const words = plural(missing, { one: '# more character.', other: '# more characters.' })
    return { level: 1, words, problem: words }
  }
  if (!strength) return { level: 1, words: t`Checking…`, problem: null }
  const { score, isEnough, weakness } = strength
  if (!isEnough) {
    const words = weaknessWords(weakness)
    return { level: score === 2 ? 2 : 1, words, problem: words }
  }
  return score === 3
    ? { level: 3, words: t`Good. Longer is better.`, problem: null }
    : { level: 4, words: t`Very good.`, problem: null }
}

import type { PasswordStrength } from '@sotto/sdk/password-strength'
import { MIN_PASSWORD_CHARS } from '@sotto/wire'

export interface Judgement {
  /** 0 while nothing is typed, then 1 to 4. */
  readonly level: 0 | 1 | 2 | 3 | 4
  readonly words: string
  /** Why it cannot be taken; null when it can. */
  readonly problem: string | null
}

const TOO_EASY = 'Too easy to guess. Add a word or two that nobody would expect.'

/** What to say of a password. `strength` is null while the dictionaries are not here: the client looks again. */
export function judgePassword(password: string, strength: PasswordStrength | null): Judgement {
  const { length } = password.normalize('NFC')
  if (length === 0) {
    const words = `At least ${MIN_PASSWORD_CHARS} characters. Four unrelated words are good and easy to keep.`
    return { level: 0, words, problem: `A password has at least ${MIN_PASSWORD_CHARS} characters.` }
  }
  if (length < MIN_PASSWORD_CHARS) {
    const missing = MIN_PASSWORD_CHARS - length
    const words = missing === 1 ? 'One more character.' : `${missing} more characters.`
    return { level: 1, words, problem: words }
  }
  if (!strength) return { level: 1, words: 'Looking at it …', problem: null }
  const { score, isEnough, warning } = strength
  if (!isEnough) {
    const words = warning ? `Too easy to guess. ${warning}` : TOO_EASY
    return { level: score === 2 ? 2 : 1, words, problem: words }
  }
  return score === 3
    ? { level: 3, words: 'Good. Longer is better.', problem: null }
    : { level: 4, words: 'Very good.', problem: null }
}

import { isCommonPassword } from '@sotto/sdk/common-passwords'
import { MIN_PASSWORD_CHARS } from '@sotto/wire'

export interface Judgement {
  /** 0 while nothing is typed, then 1 to 4. */
  readonly level: 0 | 1 | 2 | 3 | 4
  readonly words: string
  /** Why it cannot be taken; null when it can. */
  readonly problem: string | null
}

/** What to say of a password for the account with that address. */
export function judgePassword(password: string, email: string): Judgement {
  const length = [...password].length
  if (length === 0) {
    const words = `At least ${MIN_PASSWORD_CHARS} characters. Four unrelated words are good and easy to keep.`
    return { level: 0, words, problem: `A password has at least ${MIN_PASSWORD_CHARS} characters.` }
  }
  if (length < MIN_PASSWORD_CHARS) {
    const missing = MIN_PASSWORD_CHARS - length
    const words = missing === 1 ? 'One more character.' : `${missing} more characters.`
    return { level: 1, words, problem: words }
  }
  const weakness = weaknessOf(password, email)
  if (weakness) return { level: 1, words: weakness, problem: weakness }
  if (length < 13) return { level: 2, words: 'Good enough. Longer is better.', problem: null }
  if (length < 18) return { level: 3, words: 'Good.', problem: null }
  return { level: 4, words: 'Very good.', problem: null }
}

function weaknessOf(password: string, email: string): string | null {
  if (isCommonPassword(password)) return 'This is one of the first passwords anybody would try.'
  if (new Set(password).size < 4) return 'The same few characters again and again are soon guessed.'
  const [name = ''] = email.toLowerCase().split('@')
  const guess = password.toLowerCase()
  if (guess === email.toLowerCase() || (name.length > 4 && guess.replace(name, '').length < 5)) {
    return 'Your own address is the first thing anybody would try.'
  }
  return null
}

import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'

/** Keyed by the SDK's warnings, which are in English only. */
const messages: Readonly<Record<string, MessageDescriptor>> = {
  'Others know your name and address.': msg`Too easy to guess. Others know your name and address.`,
  'Straight rows of keys on your keyboard are easy to guess.': msg`Too easy to guess. It’s a row of keys on the keyboard.`,
  'Short keyboard patterns are easy to guess.': msg`Too easy to guess. It’s a short pattern on the keyboard.`,
  'Repeated characters like "aaa" are easy to guess.': msg`Too easy to guess. It repeats characters, like “aaa.”`,
  'Repeated character patterns like "abcabcabc" are easy to guess.': msg`Too easy to guess. It repeats a pattern, like “abcabcabc.”`,
  'Common character sequences like "abc" are easy to guess.': msg`Too easy to guess. It’s a common sequence, like “abc.”`,
  'Recent years are easy to guess.': msg`Too easy to guess. It contains a recent year.`,
  'Dates are easy to guess.': msg`Too easy to guess. It contains a date.`,
  'This is a heavily used password.': msg`Too easy to guess. It’s one of the most common passwords.`,
  'This is a frequently used password.': msg`Too easy to guess. It’s a common password.`,
  'This is a commonly used password.': msg`Too easy to guess. It’s a common password.`,
  'This is similar to a commonly used password.': msg`Too easy to guess. It’s similar to a common password.`,
  'Single words are easy to guess.': msg`Too easy to guess. It’s a single word.`,
  'Single names or surnames are easy to guess.': msg`Too easy to guess. It’s a single name.`,
  'Common names and surnames are easy to guess.': msg`Too easy to guess. It’s a common name.`,
}

/** Why a password is rejected, or how to make a better one if there is no particular reason. */
export function weaknessWords(warning: string): string {
  const message = messages[warning]
  return message
    ? i18n._(message)
    : t`Too easy to guess. Add a word or two that no one would expect.`
}

import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import type { PasswordWeakness } from '@sotto/sdk/password-strength'

const messages: Readonly<Record<PasswordWeakness, MessageDescriptor>> = {
  public_facts: msg`Too easy to guess. Others know your name and address.`,
  keyboard_row: msg`Too easy to guess. It’s a row of keys on the keyboard.`,
  keyboard_pattern: msg`Too easy to guess. It’s a short pattern on the keyboard.`,
  repeated_character: msg`Too easy to guess. It repeats characters, like “aaa.”`,
  repeated_pattern: msg`Too easy to guess. It repeats a pattern, like “abcabcabc.”`,
  sequence: msg`Too easy to guess. It’s a common sequence, like “abc.”`,
  recent_year: msg`Too easy to guess. It contains a recent year.`,
  date: msg`Too easy to guess. It contains a date.`,
  top_password: msg`Too easy to guess. It’s one of the most common passwords.`,
  common_password: msg`Too easy to guess. It’s a common password.`,
  similar_to_common: msg`Too easy to guess. It’s similar to a common password.`,
  single_word: msg`Too easy to guess. It’s a single word.`,
  single_name: msg`Too easy to guess. It’s a single name.`,
  common_name: msg`Too easy to guess. It’s a common name.`,
}

/** Why a password is rejected, or how to make a better one if there is no particular reason. */
export function weaknessWords(weakness: PasswordWeakness | null): string {
  return weakness
    ? i18n._(messages[weakness])
    : t`Too easy to guess. Add a word or two that no one would expect.`
}

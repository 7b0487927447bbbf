import { t } from '@lingui/core/macro'
import { LineProblem, MAX_NAME_CHARS } from '@sotto/wire'
import type { Failure } from './failure.ts'
import type { Words } from './words.ts'

const nameWords: Record<LineProblem, (character: string) => Words> = {
  empty: () => ({ what: t`This name is empty.`, next: t`Type at least one letter.` }),
  too_long: () => ({
    what: t`This name is too long.`,
    next: t`A name can have up to ${MAX_NAME_CHARS} characters.`,
  }),
  broken_character: () => ({
    what: t`This name contains a broken character.`,
    next: t`It’s half of a character and shows as “�” or an empty box. Delete it.`,
  }),
  hidden_character: (character) => ({
    what: t`This name contains a hidden character (${character}).`,
    next: t`It was copied along with the name. Delete the name and type it instead of pasting it.`,
  }),
  blanks_around: () => ({
    what: t`This name begins or ends with a space.`,
    next: t`Delete the space.`,
  }),
  invisible: () => ({
    what: t`No part of this name is visible.`,
    next: t`Use at least one letter or digit.`,
  }),
}

/** The problem with a name; null if it can be used. */
export function nameProblem(failure: Failure): Words | null {
  const problem = LineProblem.safeParse(failure.details?.problem)
  if (failure.code !== 'invalid_name' || !problem.success) return null
  return nameWords[problem.data](String(failure.details?.character ?? ''))
}

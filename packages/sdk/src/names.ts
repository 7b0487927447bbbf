import { isWellFormed, nameProblem, tidyName } from '@sotto/wire'
import { ClientError } from './errors.ts'

/** A name that the person chose, as it is signed. Throws why it cannot be taken: `name_badge` and others. */
export function chosenName(typed: string): string {
  const name = tidyName(typed)
  const problem = isWellFormed(typed) ? nameProblem(name) : 'name_characters'
  if (problem) throw new ClientError(problem)
  return name
}

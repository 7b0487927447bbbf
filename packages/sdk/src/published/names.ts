import { DeviceName, isWellFormed, nameProblem, tidyName } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import { invalidName } from '../transport/check-input.ts'

/** A name that the person chose, as it is signed. Throws why it cannot be taken: `name_badge` and others. */
export function chosenName(typed: string): string {
  const name = tidyName(typed)
  const problem = isWellFormed(typed) ? nameProblem(name) : 'name_characters'
  if (problem) throw new ClientError(problem)
  return name
}

/** What a device may be called. Throws `invalid_name` with the reason. */
export function checkDeviceName(name: string): void {
  const { error } = DeviceName.safeParse(name)
  if (error) throw invalidName(name, error)
}

import { DeviceName, isWellFormed, nameProblem, tidyName } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'
import { invalidName } from '../transport/check-input.ts'

/** A chosen name in the form that gets signed. Throws the reason it's rejected, such as `name_badge`. */
export function chosenName(typed: string): string {
  const name = tidyName(typed)
  const problem = isWellFormed(typed) ? nameProblem(name) : 'name_characters'
  if (problem) throw new ClientError(problem)
  return name
}

/** Checks a device name. Throws `invalid_name` with the reason. */
export function checkDeviceName(name: string): void {
  const { error } = DeviceName.safeParse(name)
  if (error) throw invalidName(name, error)
}

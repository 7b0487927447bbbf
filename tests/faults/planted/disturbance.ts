import { existsSync } from 'node:fs'
import { randomFrom } from '../../network/random-from.ts'

/** Chance of this process, from the seed of the test. */
export const random = randomFrom(Number(process.env.SOTTO_TEST_SEED))

/** Whether events and commands are to be disturbed right now: the test makes a file, and deletes it. */
export function isDisturbed(): boolean {
  return existsSync(process.env.SOTTO_TEST_DISTURBED ?? '')
}

import { existsSync } from 'node:fs'
import { randomFrom } from '../../network/random-from.ts'

/** The random numbers of this process, from the test's seed. */
export const random = randomFrom(Number(process.env.SOTTO_TEST_SEED))

/** Whether events and commands are to be disturbed now: the test creates and deletes a file. */
export function isDisturbed(): boolean {
  return existsSync(process.env.SOTTO_TEST_DISTURBED ?? '')
}

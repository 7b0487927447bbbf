import { existsSync } from 'node:fs'
import { randomFrom } from '../../network/random-from.ts'

/** This process's random numbers, from the test's seed. */
export const random = randomFrom(Number(process.env.SOTTO_TEST_SEED))

/** Whether to disturb events and commands now: the test creates and deletes a file. */
export function isDisturbed(): boolean {
  return existsSync(process.env.SOTTO_TEST_DISTURBED ?? '')
}

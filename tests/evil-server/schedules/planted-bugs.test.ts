import { expect, test } from 'vitest'
import { startSchedules } from './start.ts'

/** Only the invariants that a planted bug breaks matter here. */
const ignored = ['nothing is shown twice', 'an honest server lets people talk']

/** Far more than any bug needs: which schedules find it changes with the product. */
const schedules = 1_000

/**
 * Each bug was in the product once, or could have been. `from` is the schedule that finds it today, to save
 * time.
 */
const planted = [
  { bug: 'later-keys', from: 10, breaks: 'nobody reads what was not written to them' },
  { bug: 'deleted-keys', from: 223, breaks: 'no keys are lost' },
  { bug: 'foreign-last-envelope', from: 27, breaks: 'nothing is shown in a wrong place' },
  { bug: 'renewal-without-history', from: 5, breaks: 'no keys are lost' },
] as const

test.each(planted)('the schedules find the planted bug $bug', async ({ bug, from, breaks }) => {
  const { status, output } = await startSchedules({ from, schedules, ignored, bug })

  expect(output).toContain(`: ${breaks}: `)
  expect(status).toBe(1)
})

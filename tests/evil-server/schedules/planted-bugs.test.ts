import { expect, test } from 'vitest'
import { startSchedules } from './start.ts'

/** Bugs are planted to see that the schedules find them. The seeds are near the first that does. */
const planted = [
  { bug: 'later-keys', from: 1, breaks: 'nobody reads what was not written to them' },
  { bug: 'waiting-for-anybody', from: 1, breaks: 'nobody reads what was not written to them' },
  { bug: 'deleted-keys', from: 1, breaks: 'no keys are lost' },
  { bug: 'foreign-last-envelope', from: 1, breaks: 'nothing is shown in a wrong place' },
] as const

test.each(planted)(
  'the planted bug $bug is found',
  async ({ bug, from, breaks }) => {
    const { status, output } = await startSchedules({ from, schedules: 20 }, bug)

    expect(output).toContain(`: ${breaks}: `)
    expect(status).toBe(1)
  },
  120_000,
)

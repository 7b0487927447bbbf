import { expect, test } from 'vitest'
import { startSchedules } from './start.ts'

const SCHEDULES = 60

test('no invariant breaks while a malicious server tells every lie it knows', async () => {
  const { status, output } = await startSchedules({ from: 1, schedules: SCHEDULES })

  expect(output).toBe(`${SCHEDULES} passed, 0 failed\n`)
  expect(status).toBe(0)
})

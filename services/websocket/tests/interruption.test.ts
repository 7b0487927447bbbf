import { createInProcessBroker, createLogger } from '@sotto/service-runtime'
import { expect, test } from 'vitest'
import { Testbed } from './testbed.ts'

const SPREAD_MS = 500

/** A broker that says when the test wants that events may have been lost. */
function interruptible() {
  const broker = createInProcessBroker({ log: createLogger({ name: 'test', level: 'silent' }) })
  const handlers = new Set<() => void>()
  return {
    broker: {
      ...broker,
      onInterrupted(handler: () => void) {
        handlers.add(handler)
        return { close: async () => void handlers.delete(handler) }
      },
    },
    interrupt() {
      for (const handler of handlers) handler()
    },
  }
}

test('when events may have been lost every device is sent to catch up, not all at once', async () => {
  const { broker, interrupt } = interruptible()
  await using bed = await Testbed.start({ spreadRestartMs: SPREAD_MS }, broker)
  const devices = await Promise.all(Array.from({ length: 20 }, () => bed.connect()))
  const interruptedAt = performance.now()
  interrupt()
  const ends = await Promise.all(
    devices.map(async ({ closed }) => ({ code: await closed, at: performance.now() })),
  )

  expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1012]))
  const times = ends.map(({ at }) => at - interruptedAt)
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(SPREAD_MS / 2)
  // Who comes back stays.
  const device = await bed.connect()
  await device.settled()
})

import { expect, test } from 'vitest'
import { Testbed } from '../testbed.ts'

const began = (era: string) => ({ type: 'era.began', era }) as const

test('when an era begins, every connection is closed with 1012, spread over time, and may return', async () => {
  await using bed = await Testbed.start({ spreadRestartMs: 600 })
  const devices = await Promise.all(Array.from({ length: 12 }, () => bed.connect()))
  const closedAt: number[] = []
  const closes = devices.map(async (device) => {
    const code = await device.closed
    closedAt.push(performance.now())
    return code
  })

  await bed.broker.publishToAll(began('0123456789abcdef'))

  expect(await Promise.all(closes)).toEqual(devices.map(() => 1012))
  expect(Math.max(...closedAt) - Math.min(...closedAt)).toBeGreaterThan(300)
  await (await bed.connect()).settled()
})

test('a repeated event does not close connections that have returned in between', async () => {
  await using bed = await Testbed.start({ spreadRestartMs: 50 })
  const first = await bed.connect()
  await bed.broker.publishToAll(began('0123456789abcdef'))
  expect(await first.closed).toBe(1012)
  const second = await bed.connect()

  await bed.broker.publishToAll(began('0123456789abcdef'))
  await new Promise((resolve) => setTimeout(resolve, 200))
  await second.settled()

  await bed.broker.publishToAll(began('fedcba9876543210'))
  expect(await second.closed).toBe(1012)
})

import { expect, test } from 'vitest'
import { connectRaw } from '../connect-raw.ts'
import { Testbed } from '../testbed.ts'

test('a ping is answered', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect()
  await device.settled()
})

test('a peer that answers no ping is noticed and disconnected', async () => {
  await using bed = await Testbed.start({ pingAfterMs: 60, silentAfterMs: 150 })
  const raw = await connectRaw(bed)
  const alive = await bed.connect()
  expect(await raw.closeCode()).toBe(4005)
  expect(raw.received.includes(Buffer.from([0x89, 0x00]))).toBe(true)
  await expect.poll(() => bed.service.health()).toMatchObject({ detail: '1 connections' })
  await alive.settled()
})

test('a silent device that answers pings stays connected, long after the limit', async () => {
  await using bed = await Testbed.start({ pingAfterMs: 40, silentAfterMs: 120 })
  const device = await bed.connect()
  await new Promise((resolve) => setTimeout(resolve, 500))
  await device.settled()
})

test('a service that was suspended closes no connection that it could not hear', async () => {
  await using bed = await Testbed.start({ pingAfterMs: 40, silentAfterMs: 120 })
  const device = await bed.connect()
  await device.settled()

  const until = performance.now() + 500
  while (performance.now() < until);

  await device.settled()
})

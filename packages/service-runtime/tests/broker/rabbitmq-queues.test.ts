import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountEvent, Command } from '@sotto/wire'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { idOf, RabbitmqBed } from './rabbitmq-bed.ts'
import { accountIn, command, eventFor, quiet } from './samples.ts'

let bed: RabbitmqBed
beforeAll(async () => {
  bed = await RabbitmqBed.start()
})
afterAll(() => bed[Symbol.asyncDispose]())
// Also after a test that failed halfway.
afterEach(() => bed.leave())

test('a poison command is dead-lettered with its reason, and its content is not logged', async () => {
  const [sender, worker] = [
    await bed.join(),
    await bed.join({ commands: { maxTries: 2, retryDelayMs: 1 } }),
  ]
  const poison = command()
  const done: Command[] = []
  await worker.consumeCommands(async (each) => {
    if (idOf(each) === idOf(poison)) throw new TypeError('cannot read properties of undefined')
    done.push(each)
  })
  // In one tick and thus in one message: the other commands are still handled.
  await Promise.all([command(), poison, command()].map((each) => sender.sendCommand(each)))
  await expect.poll(() => done.length).toBe(2)

  const dead = await nextDeadLetter()
  expect(dead.headers).toEqual({
    reason: 'failed',
    detail: 'TypeError',
    queue: `${bed.prefix}.commands`,
  })
  expect(JSON.parse(dead.body)).toEqual(poison)
  expect(bed.logged).toContain('work dead-lettered')
  expect(bed.logged).not.toContain(idOf(poison))
})

test.each([
  ['not JSON', '{"type":'],
  ['from another version', '{"type":"envelopes.forget"}'],
])('an unreadable command (%s) is dead-lettered', async (_, text) => {
  const worker = await bed.join()
  await worker.consumeCommands(async () => {})
  await bed.withConnection(async (connection) => {
    const publisher = connection.createPublisher({ confirm: true })
    await publisher.send(`${bed.prefix}.commands`, Buffer.from(text))
    await publisher.close()
  })
  const dead = await nextDeadLetter()
  expect(dead.headers).toMatchObject({ reason: 'unreadable', queue: `${bed.prefix}.commands` })
  expect(dead.body).toBe(text)
})

test('an unreadable event is dead-lettered, and the next one arrives', async () => {
  const broker = await bed.join()
  const heard: AccountEvent[] = []
  await broker.subscribeShards([1], (event) => heard.push(event))
  await bed.withConnection(async (connection) => {
    const publisher = connection.createPublisher({ confirm: true })
    await publisher.send(
      { exchange: `${bed.prefix}.events`, routingKey: 's1' },
      Buffer.from('what?'),
    )
    await publisher.close()
  })
  expect(await nextDeadLetter()).toMatchObject({ headers: { reason: 'unreadable' }, body: 'what?' })
  await broker.publishToShards(eventFor(accountIn(1)))
  await expect.poll(() => heard.length).toBe(1)
})

async function nextDeadLetter() {
  return bed.withConnection(async (connection) => {
    const queue = `${bed.prefix}.dead-letters`
    const message = await eventually('a dead letter', () =>
      connection.basicGet({ queue, noAck: true }),
    )
    return { headers: message.headers, body: String(message.body) }
  })
}

test('a broker that is low on memory blocks senders, and nothing is lost', async () => {
  const [sender, worker] = [await bed.join(), await bed.join()]
  const done: Command[] = []
  await worker.consumeCommands(async (each) => void done.push(each))
  await bed.server.ctl('set_vm_memory_high_watermark', 'absolute', '1MB')
  let taken = 0
  const sends = Array.from({ length: 40 }, () =>
    sender.sendCommand(command()).then(() => {
      taken += 1
    }),
  )
  await expect.poll(() => sender.isHealthy()).toBe(false)
  const more = Array.from({ length: 40 }, () => sender.sendCommand(command()))
  await sleep(300)
  expect(taken).toBeLessThanOrEqual(40)
  expect(done.length).toBeLessThan(80)

  await bed.server.ctl('set_vm_memory_high_watermark', '0.25')
  await Promise.all([...sends, ...more])
  await expect.poll(() => done.length).toBe(80)
  expect(sender.isHealthy()).toBe(true)
})

test('commands in a quorum queue are handled too, and wait when it is full', async () => {
  const options = { queueType: 'quorum', commands: { maxWaiting: 5 } } as const
  const [sender, worker] = [await bed.join(options), await bed.join(options)]
  let taken = 0
  const sends: Promise<unknown>[] = []
  for (let n = 0; n < 30; n += 1) {
    sends.push(sender.sendCommand(command()).then(() => (taken += 1)))
    await quiet()
  }
  expect(taken).toBeLessThan(30)
  const done: Command[] = []
  await worker.consumeCommands(async (each) => void done.push(each))
  await Promise.all(sends)
  await expect.poll(() => done.length).toBe(30)
})

test('10,000 commands for a slow consumer: the publisher waits, and memory stays bounded', async () => {
  const [sender, worker] = [await bed.join(), await bed.join()]
  let done = 0
  await worker.consumeCommands(async () => {
    await sleep(1)
    done += 1
  })
  const heap = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const before = heap()
  let deepest = 0
  async function send(count: number) {
    for (let sent = 0; sent < count; sent += 1) await sender.sendCommand(command())
  }
  await bed.withConnection(async (connection) => {
    const sent = Promise.all(Array.from({ length: 50 }, () => send(200)))
    let isSending = true
    void sent.finally(() => {
      isSending = false
    })
    while (isSending) {
      const queue = { queue: `${bed.prefix}.commands`, passive: true }
      const { messageCount } = await connection.queueDeclare(queue)
      deepest = Math.max(deepest, messageCount)
      await sleep(20)
    }
    await sent
  })
  await expect.poll(() => done).toBeGreaterThanOrEqual(10_000)

  expect(deepest).toBeGreaterThan(0)
  // The waiting commands, those that both consumers have taken, and those that the broker had not
  // counted yet.
  expect(deepest).toBeLessThan(64 + 16)
  expect(heap() - before).toBeLessThan(50 * 2 ** 20)
})

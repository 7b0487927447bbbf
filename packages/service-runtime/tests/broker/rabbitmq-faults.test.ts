import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountEvent, Command } from '@sotto/wire'
import { Connection } from 'rabbitmq-client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openLink } from '../../src/broker/rabbitmq/link.ts'
import { type Broker, createRabbitmqBroker } from '../../src/index.ts'
import { idOf, RabbitmqBed } from './rabbitmq-bed.ts'
import { accountIn, command, eventFor, job, quiet } from './samples.ts'

let bed: RabbitmqBed
beforeAll(async () => {
  bed = await RabbitmqBed.start()
})
afterAll(() => bed[Symbol.asyncDispose]())
// Also after a test that failed halfway.
afterEach(() => bed.leave())

/** Sends commands one after the other until it is stopped, and records the confirmed ones. */
function sendUnderLoad(broker: Broker) {
  const confirmed = new Set<string>()
  let rejected = 0
  let isRunning = true
  async function one() {
    while (isRunning) {
      const sent = command()
      await broker.sendCommand(sent).then(
        () => confirmed.add(idOf(sent)),
        () => {
          rejected += 1
          return sleep(20)
        },
      )
    }
  }
  const senders = Promise.all(Array.from({ length: 16 }, one))
  return {
    confirmed,
    rejected: () => rejected,
    async [Symbol.asyncDispose]() {
      isRunning = false
      await senders
    },
  }
}

test.each(['killed', 'stopped'])(
  'when a broker is %s under load, consumers recover after one interruption',
  async (how) => {
    const [sender, worker] = [await bed.join(), await bed.join({ commands: { concurrency: 32 } })]
    const done = new Set<string>()
    const heard: AccountEvent[] = []
    let interruptions = 0
    worker.onInterrupted(() => {
      interruptions += 1
    })
    await worker.consumeCommands(async (each) => void done.add(idOf(each)))
    const subscription = await worker.subscribeShards([1], (event) => heard.push(event))
    await subscription.setShards([1, 2])
    await using load = sendUnderLoad(sender)
    await expect.poll(() => done.size).toBeGreaterThan(200)

    await (how === 'killed' ? bed.server.kill() : bed.server.stop())
    await expect.poll(() => sender.isHealthy() || worker.isHealthy()).toBe(false)
    await expect.poll(() => load.rejected()).toBeGreaterThan(0)
    await bed.server.start()
    const before = done.size
    await expect.poll(() => done.size, { interval: 5 }).toBeGreaterThan(before)

    expect(interruptions).toBe(1)
    expect([sender.isHealthy(), worker.isHealthy()]).toEqual([true, true])
    // The exclusive queue exists again, with its bindings.
    await sender.publishToShards(eventFor(accountIn(2)))
    await expect.poll(() => heard.length).toBe(1)
  },
)

test('other consumers handle work that arrives while a worker closes', async () => {
  const sender = await bed.join()
  const done = new Set<string>()
  const worker = async () => {
    const broker = await bed.join({ commands: { concurrency: 32 } })
    await broker.consumeCommands(async (each) => void done.add(idOf(each)))
    return broker
  }
  let confirmed: ReadonlySet<string>
  {
    await using load = sendUnderLoad(sender)
    confirmed = load.confirmed
    for (let n = 0; n < 8; n += 1) {
      const before = done.size
      const closing = await worker()
      await expect.poll(() => done.size).toBeGreaterThan(before)
      await closing.close()
    }
  }
  await worker()
  await expect.poll(() => [...confirmed].filter((id) => !done.has(id))).toEqual([])
})

test('a confirmed job survives a kill of the broker', async () => {
  const sender = await bed.join()
  // A newly declared queue is written lazily. Every session declares it again.
  await bed.server.ctl('eval', 'mnesia:sync_log().')
  const sent = Array.from({ length: 50 }, job)
  await Promise.all(sent.map((each) => sender.sendJob(each)))
  await bed.server.kill()
  await bed.server.start()

  const worker = await bed.join()
  const done = new Set<string>()
  await worker.consumeJobs('code.deliver', async ({ challengeId }) => void done.add(challengeId))
  await expect.poll(() => done.size).toBe(50)
})

test('rejects work that is sent without a broker, instead of storing it', async () => {
  const broker = await bed.join()
  await bed.server.stop()
  await expect.poll(() => broker.isHealthy()).toBe(false)
  await expect(broker.sendCommand(command())).rejects.toThrow()
  await expect(broker.publishToShards(eventFor(accountIn(1)))).rejects.toThrow()
  await bed.server.start()
  await expect.poll(() => broker.isHealthy()).toBe(true)
  await broker.sendCommand(command())

  const done: Command[] = []
  await broker.consumeCommands(async (each) => void done.push(each))
  await expect.poll(() => done.length).toBe(1)
  await quiet()
  expect(done).toHaveLength(1)
})

test('the work of a process that dies goes to another one', async () => {
  const living = await bed.join()
  await Promise.all(Array.from({ length: 8 }, () => living.sendCommand(command())))
  const dying = new Connection(bed.server.url)
  const taken = Promise.withResolvers<void>()
  const queue = `${bed.prefix}.commands`
  const consumer = dying.createConsumer({ queue, queueOptions: { passive: true } }, () => {
    taken.resolve()
    return new Promise(() => {})
  })
  for (const part of [dying, consumer]) part.on('error', () => {})
  await taken.promise

  const done = new Set<string>()
  await living.consumeCommands(async (each) => void done.add(idOf(each)))
  await quiet()
  expect(done.size).toBe(0)
  dying.unsafeDestroy()
  await expect.poll(() => done.size).toBe(8)
})

test('a deleted queue is recreated, and so is its consumer', async () => {
  const [sender, worker] = [await bed.join(), await bed.join()]
  const done: Command[] = []
  await worker.consumeCommands(async (each) => void done.push(each))
  await bed.server.ctl('delete_queue', `${bed.prefix}.commands`, '--vhost', 'sotto')
  // A command without a queue is never confirmed: its promise rejects, and then the queue is
  // recreated.
  await expect.poll(() => sender.sendCommand(command()).then(() => done.length)).toBeGreaterThan(0)
  expect(worker.isHealthy()).toBe(true)
})

test('a broker that is closed immediately leaves nothing behind', async () => {
  const attempts = Array.from({ length: 5 }, () =>
    createRabbitmqBroker({
      url: bed.server.url,
      log: bed.log,
      prefix: bed.prefix,
      connectWithinMs: 1,
    }),
  )
  for (const attempt of attempts) {
    await attempt.then(
      (broker) => broker.close(),
      (error: Error) => expect(error.message).toContain('cannot be reached'),
    )
  }
  const connections = async () =>
    JSON.parse(await bed.server.ctl('list_connections', '--formatter', 'json'))
  await expect.poll(connections).toEqual([])
})

test('a link that is closed between opening its two channels ends', async () => {
  // The response to opening a channel: class 20, method 11.
  const opened = Buffer.from([0, 20, 0, 11])
  const broker = createServer((near) => {
    const far = connect(Number(new URL(bed.server.url).port), '127.0.0.1')
    near.pipe(far)
    far.on('data', (bytes) => {
      if (bytes.includes(opened)) closing.resolve(link.close())
      near.write(bytes)
    })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => {})
      socket.on('close', () => other.destroy())
    }
  })
  await once(broker.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(bed.server.url)
  url.port = String((broker.address() as AddressInfo).port)
  const closing = Promise.withResolvers<void>()
  const link = openLink({
    url: url.href,
    name: 'test',
    log: bed.log,
    steps: [],
    onInterrupted() {},
  })

  await closing.promise
  expect(link.session).toBeUndefined()
  await new Promise((done) => broker.close(done))
})

test('without RabbitMQ, creating the broker fails after the given time', async () => {
  const attempt = createRabbitmqBroker({
    url: 'amqp://sotto:none@127.0.0.1:1/sotto',
    log: bed.log,
    connectWithinMs: 300,
  })
  await expect(attempt).rejects.toThrow('cannot be reached')
})

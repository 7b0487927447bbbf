import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AccountEvent, Command } from '@sotto/wire'
import { Connection } from 'rabbitmq-client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { startTestRabbitmq, type TestRabbitmq } from '../../../../tests/programs/rabbitmq.ts'
import { openLink } from '../../src/broker/rabbitmq/link.ts'
import {
  type Broker,
  createLogger,
  createRabbitmqBroker,
  type RabbitmqBrokerOptions,
} from '../../src/index.ts'
import { accountIn, command, eventFor, job, quiet } from './samples.ts'

let rabbitmq: TestRabbitmq
beforeAll(async () => {
  rabbitmq = await startTestRabbitmq()
})
afterAll(() => rabbitmq[Symbol.asyncDispose]())

let logged: string[] = []
const log = createLogger({ name: 'test', destination: { write: (line) => void logged.push(line) } })
let prefix = randomUUID()
const joined: Broker[] = []
afterEach(async () => {
  // A test that failed halfway must not affect the others.
  await rabbitmq.start()
  await Promise.all(joined.splice(0).map((broker) => broker.close()))
  prefix = randomUUID()
  logged = []
})

async function join(options: Partial<RabbitmqBrokerOptions> = {}): Promise<Broker> {
  const broker = await createRabbitmqBroker({ url: rabbitmq.url, log, prefix, ...options })
  joined.push(broker)
  return broker
}

/** A connection that bypasses the adapter, to inspect queues and to publish into them. */
async function withConnection<T>(act: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = new Connection(rabbitmq.url)
  connection.on('error', () => {})
  return act(connection).finally(() => connection.close())
}

const idOf = (each: Command) => (each.type === 'typing.announce' ? each.conversationId : '')

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
    const [sender, worker] = [await join(), await join({ commands: { concurrency: 32 } })]
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

    await (how === 'killed' ? rabbitmq.kill() : rabbitmq.stop())
    await expect.poll(() => sender.isHealthy() || worker.isHealthy()).toBe(false)
    await expect.poll(() => load.rejected()).toBeGreaterThan(0)
    await rabbitmq.start()
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
  const sender = await join()
  const done = new Set<string>()
  const worker = async () => {
    const broker = await join({ commands: { concurrency: 32 } })
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
  const sender = await join()
  // A newly declared queue is written lazily. Every session declares it again.
  await rabbitmq.ctl('eval', 'mnesia:sync_log().')
  const sent = Array.from({ length: 50 }, job)
  await Promise.all(sent.map((each) => sender.sendJob(each)))
  await rabbitmq.kill()
  await rabbitmq.start()

  const worker = await join()
  const done = new Set<string>()
  await worker.consumeJobs('code.deliver', async ({ challengeId }) => void done.add(challengeId))
  await expect.poll(() => done.size).toBe(50)
})

test('rejects work that is sent without a broker, instead of storing it', async () => {
  const broker = await join()
  await rabbitmq.stop()
  await expect.poll(() => broker.isHealthy()).toBe(false)
  await expect(broker.sendCommand(command())).rejects.toThrow()
  await expect(broker.publishToShards(eventFor(accountIn(1)))).rejects.toThrow()
  await rabbitmq.start()
  await expect.poll(() => broker.isHealthy()).toBe(true)
  await broker.sendCommand(command())

  const done: Command[] = []
  await broker.consumeCommands(async (each) => void done.push(each))
  await expect.poll(() => done.length).toBe(1)
  await quiet()
  expect(done).toHaveLength(1)
})

test('the work of a process that dies goes to another one', async () => {
  const living = await join()
  await Promise.all(Array.from({ length: 8 }, () => living.sendCommand(command())))
  const dying = new Connection(rabbitmq.url)
  const taken = Promise.withResolvers<void>()
  const queue = `${prefix}.commands`
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

test('a poison command is dead-lettered with its reason, and its content is not logged', async () => {
  const [sender, worker] = [
    await join(),
    await join({ commands: { maxTries: 2, retryDelayMs: 1 } }),
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

  const dead = await takeDead()
  expect(dead.headers).toEqual({
    reason: 'failed',
    detail: 'TypeError',
    queue: `${prefix}.commands`,
  })
  expect(JSON.parse(dead.body)).toEqual(poison)
  expect(logged.join('')).toContain('work dead-lettered')
  expect(logged.join('')).not.toContain(idOf(poison))
})

test.each([
  ['not JSON', '{"type":'],
  ['from another version', '{"type":"envelopes.forget"}'],
])('an unreadable command (%s) is dead-lettered', async (_, text) => {
  const worker = await join()
  await worker.consumeCommands(async () => {})
  await withConnection(async (connection) => {
    const publisher = connection.createPublisher({ confirm: true })
    await publisher.send(`${prefix}.commands`, Buffer.from(text))
    await publisher.close()
  })
  const dead = await takeDead()
  expect(dead.headers).toMatchObject({ reason: 'unreadable', queue: `${prefix}.commands` })
  expect(dead.body).toBe(text)
})

test('an unreadable event is dead-lettered, and the next one arrives', async () => {
  const broker = await join()
  const heard: AccountEvent[] = []
  await broker.subscribeShards([1], (event) => heard.push(event))
  await withConnection(async (connection) => {
    const publisher = connection.createPublisher({ confirm: true })
    await publisher.send({ exchange: `${prefix}.events`, routingKey: 's1' }, Buffer.from('what?'))
    await publisher.close()
  })
  expect(await takeDead()).toMatchObject({ headers: { reason: 'unreadable' }, body: 'what?' })
  await broker.publishToShards(eventFor(accountIn(1)))
  await expect.poll(() => heard.length).toBe(1)
})

async function takeDead() {
  return withConnection(async (connection) => {
    const queue = `${prefix}.dead-letters`
    const message = await eventually('a dead letter', () =>
      connection.basicGet({ queue, noAck: true }),
    )
    return { headers: message.headers, body: String(message.body) }
  })
}

test('a deleted queue is recreated, and so is its consumer', async () => {
  const [sender, worker] = [await join(), await join()]
  const done: Command[] = []
  await worker.consumeCommands(async (each) => void done.push(each))
  await rabbitmq.ctl('delete_queue', `${prefix}.commands`, '--vhost', 'sotto')
  // A command without a queue is never confirmed: its promise rejects, and then the queue is
  // recreated.
  await expect.poll(() => sender.sendCommand(command()).then(() => done.length)).toBeGreaterThan(0)
  expect(worker.isHealthy()).toBe(true)
})

test('a broker that is low on memory blocks senders, and nothing is lost', async () => {
  const [sender, worker] = [await join(), await join()]
  const done: Command[] = []
  await worker.consumeCommands(async (each) => void done.push(each))
  await rabbitmq.ctl('set_vm_memory_high_watermark', 'absolute', '1MB')
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

  await rabbitmq.ctl('set_vm_memory_high_watermark', '0.25')
  await Promise.all([...sends, ...more])
  await expect.poll(() => done.length).toBe(80)
  expect(sender.isHealthy()).toBe(true)
})

test('commands in a quorum queue are handled too, and wait when it is full', async () => {
  const options = { queueType: 'quorum', commands: { maxWaiting: 5 } } as const
  const [sender, worker] = [await join(options), await join(options)]
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

test('a broker that is closed immediately leaves nothing behind', async () => {
  const attempts = Array.from({ length: 5 }, () =>
    createRabbitmqBroker({ url: rabbitmq.url, log, prefix, connectWithinMs: 1 }),
  )
  for (const attempt of attempts) {
    await attempt.then(
      (broker) => broker.close(),
      (error: Error) => expect(error.message).toContain('cannot be reached'),
    )
  }
  const connections = async () =>
    JSON.parse(await rabbitmq.ctl('list_connections', '--formatter', 'json'))
  await expect.poll(connections).toEqual([])
})

test('a link that is closed between opening its two channels ends', async () => {
  // The response to opening a channel: class 20, method 11.
  const opened = Buffer.from([0, 20, 0, 11])
  const broker = createServer((near) => {
    const far = connect(Number(new URL(rabbitmq.url).port), '127.0.0.1')
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
  const url = new URL(rabbitmq.url)
  url.port = String((broker.address() as AddressInfo).port)
  const closing = Promise.withResolvers<void>()
  const link = openLink({ url: url.href, name: 'test', log, steps: [], onInterrupted() {} })

  await closing.promise
  expect(link.session).toBeUndefined()
  await new Promise((done) => broker.close(done))
})

test('10,000 commands for a slow consumer: the publisher waits, and memory stays bounded', async () => {
  const [sender, worker] = [await join(), await join()]
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
  await withConnection(async (connection) => {
    const sent = Promise.all(Array.from({ length: 50 }, () => send(200)))
    let isSending = true
    void sent.finally(() => {
      isSending = false
    })
    while (isSending) {
      const queue = { queue: `${prefix}.commands`, passive: true }
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

test('without RabbitMQ, creating the broker fails after the given time', async () => {
  const attempt = createRabbitmqBroker({
    url: 'amqp://sotto:none@127.0.0.1:1/sotto',
    log,
    connectWithinMs: 300,
  })
  await expect(attempt).rejects.toThrow('cannot be reached')
})

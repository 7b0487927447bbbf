import { randomBytes, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, createLogger, createRabbitmqBroker } from '@sotto/service-runtime'
import { AccountId, Command, InstanceId, StoredEnvelope } from '@sotto/wire'
import { startRabbitmq } from '../../apps/cluster/src/rabbitmq/start-rabbitmq.ts'
import { cpuSecondsOf } from '../load/cpu-time.ts'

// The cost of a batch of envelopes on its way through RabbitMQ and back: the command, the verdicts
// to the instance that sent it, and the event to the recipients' instances, two of them as in the
// cluster. Nothing is stored. All services share this process, so Node's figure includes all of
// them.

const SECONDS = 4
const COMMANDS_IN_FLIGHT = 16
const CIPHERTEXT_BYTES = 256

const dataFolder = join(tmpdir(), `sotto-bench-${randomUUID()}`)
const log = createLogger({ name: 'bench', level: 'error' })
const rabbitmq = await startRabbitmq({ dataFolder, log })
const brokers: Broker[] = []
for (const name of ['websocket 1', 'websocket 2', 'chat 1', 'chat 2']) {
  brokers.push(await createRabbitmqBroker({ url: rabbitmq.url, log, name }))
}
const [sender, other, ...workers] = brokers as [Broker, Broker, ...Broker[]]
const replyTo = InstanceId.parse(randomUUID())
const decided = new Map<string, () => void>()
let pushed = 0

await sender.subscribeInstance(replyTo, ({ batchId }) => decided.get(batchId)?.())
for (const [instance, broker] of [sender, other].entries()) {
  const shards = Array.from({ length: 32 }, (_, n) => n * 2 + instance)
  await broker.subscribeShards(shards, () => {
    pushed += 1
  })
}
for (const worker of workers) await worker.consumeCommands((command) => answer(worker, command))

console.log('envelopes | commands/s | envelopes/s | RabbitMQ µs | Node µs per command | p50 ms')
for (const envelopes of [1, 10, 100]) await measure(envelopes)
await Promise.all(brokers.map((broker) => broker.close()))
await rabbitmq.stop()
await rm(dataFolder, { recursive: true, force: true })

async function answer(worker: Broker, command: Command) {
  if (command.type !== 'envelopes.accept') return
  const { batchId, envelopes } = command
  const stored = envelopes.map(({ actor, envelope }) =>
    StoredEnvelope.parse({
      ...envelope,
      seq: 1,
      senderAccountId: actor.accountId,
      senderDeviceId: actor.deviceId,
      acceptedAt: Date.now(),
    }),
  )
  const recipients = [AccountId.parse(randomUUID()), AccountId.parse(randomUUID())]
  const event = { type: 'envelopes.stored', recipients, envelopes: stored } as const
  const verdicts = stored.map(({ id, conversationId, seq, acceptedAt }) => {
    return { fate: 'accepted', id, conversationId, seq, acceptedAt } as const
  })
  await Promise.all([
    worker.publishToShards(event),
    worker.publishToInstance(command.replyTo, { type: 'batch.decided', batchId, verdicts }),
  ])
}

async function measure(envelopes: number) {
  const template = commandOf(envelopes)
  await run(template, 0.5)
  const [node, broker] = [process.cpuUsage(), await cpuSecondsOf([rabbitmq.pid])]
  const times = await run(template, SECONDS)
  const { user, system } = process.cpuUsage(node)
  const brokerMicros = ((await cpuSecondsOf([rabbitmq.pid])) - broker) * 1e6
  const commands = times.length
  const columns = [
    envelopes,
    Math.round(commands / SECONDS),
    Math.round((commands * envelopes) / SECONDS),
    Math.round(brokerMicros / commands),
    Math.round((user + system) / commands),
    times.toSorted((a, b) => a - b)[Math.floor(commands / 2)]?.toFixed(2),
  ]
  console.log(columns.join(' | '))
  if (pushed === 0) throw new Error('no event arrived')
}

/** Sends commands for this time; returns how long each took until its verdicts arrived, in ms. */
async function run(template: Command, seconds: number): Promise<number[]> {
  const until = performance.now() + seconds * 1000
  const times: number[] = []
  async function sendInTurn() {
    while (performance.now() < until) {
      const startedAt = performance.now()
      const batchId = randomUUID()
      const back = new Promise<void>((resolve) => decided.set(batchId, resolve))
      await sender.sendCommand({ ...template, batchId } as Command)
      await back
      decided.delete(batchId)
      times.push(performance.now() - startedAt)
    }
  }
  await Promise.all(Array.from({ length: COMMANDS_IN_FLIGHT }, sendInTurn))
  return times
}

function commandOf(count: number): Command {
  const actor = { accountId: randomUUID(), deviceId: randomUUID(), sessionId: randomUUID() }
  const envelopes = Array.from({ length: count }, () => {
    const ciphertext = randomBytes(CIPHERTEXT_BYTES).toString('base64url')
    const ids = { id: randomUUID(), conversationId: randomUUID() }
    return { actor, envelope: { ...ids, kind: 'message', ciphertext } }
  })
  return Command.parse({ type: 'envelopes.accept', batchId: randomUUID(), replyTo, envelopes })
}

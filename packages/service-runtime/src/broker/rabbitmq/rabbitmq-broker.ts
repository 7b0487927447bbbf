import { Command, Job, type JobKind } from '@sotto/wire'
import type { Logger } from '../../log.ts'
import type { Broker } from '../broker.ts'
import { createTopics } from '../topics.ts'
import { COMMAND_DEFAULTS, JOB_DEFAULTS, type WorkQueueOptions } from '../work-queue.ts'
import { createConsumers } from './consumers.ts'
import { createDeadLetters } from './dead-letters.ts'
import { eventLane } from './lanes.ts'
import { type Link, openLink, type SessionStep } from './link.ts'
import { EventReceiver } from './receive-events.ts'
import { createWorkSender } from './send-work.ts'
import { createPublishers, createSubscribers } from './subscribe.ts'
import { countMessages, declareTopology, nameTopology } from './topology.ts'

export interface RabbitmqBrokerOptions {
  /** amqp://user:password@host:port/vhost */
  readonly url: string
  readonly log: Logger
  /** The connection's name in RabbitMQ's lists. */
  readonly name?: string
  /** The type of the command queue: `quorum` on a cluster of RabbitMQ nodes. */
  readonly queueType?: 'classic' | 'quorum'
  /** The prefix of every queue and exchange; `sotto` by default. */
  readonly prefix?: string
  readonly commands?: Partial<WorkQueueOptions>
  readonly jobs?: Partial<WorkQueueOptions>
  /**
   * The maximum number of shards that the events of one message may concern; unlimited by default.
   */
  readonly maxShardsPerMessage?: number
  /** How long to wait for RabbitMQ at the start. */
  readonly connectWithinMs?: number
}

const CONNECT_WITHIN_MS = 60_000
const FIND_WITHIN_MS = 1_000

/**
 * The broker for services in separate processes. Resolves when RabbitMQ is usable, and rejects if
 * it is not in time. Afterwards it reconnects after every interruption.
 */
export async function createRabbitmqBroker(options: RabbitmqBrokerOptions): Promise<Broker> {
  const { url, log, name = 'sotto' } = options
  const steps: SessionStep[] = []
  const interruptions = new Set<() => void>()
  const onInterrupted = () => {
    for (const handler of interruptions) handler()
  }
  const link = openLink({ url, name, log, steps, onInterrupted })
  const broker = assemble(options, link, steps)
  try {
    await link.find(options.connectWithinMs ?? CONNECT_WITHIN_MS)
  } catch (error) {
    await link.close()
    throw error
  }
  return {
    ...broker,
    onInterrupted(handler) {
      interruptions.add(handler)
      return { close: async () => void interruptions.delete(handler) }
    },
    isHealthy: () => link.isReady,
  }
}

/**
 * Builds the broker on a link that is still being created. Adds the steps that every session needs.
 */
function assemble(
  options: RabbitmqBrokerOptions,
  link: Link,
  steps: SessionStep[],
): Omit<Broker, 'onInterrupted' | 'isHealthy'> {
  const { log, prefix = 'sotto', queueType = 'classic' } = options
  const commands = { ...COMMAND_DEFAULTS, ...options.commands }
  const jobs = { ...JOB_DEFAULTS, ...options.jobs }
  const { maxWaiting } = commands
  const topologyOptions = { prefix, queueType, maxWaiting, maxWaitingJobs: jobs.maxWaiting }
  const topology = nameTopology(topologyOptions)
  const topics = createTopics(log)
  const setAside = createDeadLetters(topology, log)
  const receiver = new EventReceiver({ link, topology, topics, setAside, log })
  const consumers = createConsumers(link)
  steps.push(
    declareTopology(topology, topologyOptions),
    (session) => receiver.attach(session),
    (session) => consumers.attach(session),
  )
  const { sendCommand, sendJob, close: closeSender } = createWorkSender(link, topology)
  const events = eventLane(link, topology.events, options.maxShardsPerMessage ?? Infinity)
  const shared = { log, setAside }

  return {
    sendCommand,
    sendJob,
    consumeCommands: (handler) =>
      consumers.add({
        ...{ ...shared, handler, options: commands, queue: topology.commands },
        parse: (text) => Command.parse(JSON.parse(text)),
      }),
    consumeJobs: <K extends JobKind>(
      kind: K,
      handler: (job: Extract<Job, { type: K }>) => Promise<void>,
    ) =>
      consumers.add({
        ...{ ...shared, handler, options: jobs, queue: topology.jobs(kind) },
        parse: (text) => Job.parse(JSON.parse(text)) as Extract<Job, { type: K }>,
      }),
    readQueues: async () => countMessages(topology, await link.find(FIND_WITHIN_MS)),
    ...createPublishers(events),
    ...createSubscribers(topics, receiver),
    async close() {
      topics.close()
      await consumers.close()
      closeSender()
      events.close()
      await link.close()
    },
  }
}

import { Job, type JobKind } from '@sotto/wire'
import { MAX_JOB_PRIORITY } from '../broker.ts'
import type { Session, SessionStep } from './link.ts'

/**
 * The names of exchanges and queues. Every process declares all of them, so the order of starts
 * does not matter.
 */
export interface Topology {
  /** The direct exchange for events; its keys are in addresses.ts. */
  readonly events: string
  readonly commands: string
  /** The queue of dead letters, with their reasons. */
  readonly deadLetters: string
  jobs(kind: JobKind): string
}

const JOB_KINDS: readonly JobKind[] = Job.options.map(({ shape }) => shape.type.value)

/** Counts waiting messages. Each may carry everything that was sent within one tick. */
export async function countMessages(topology: Topology, { publishing }: Session) {
  const count = async (queue: string) =>
    (await publishing.queueDeclare({ queue, passive: true })).messageCount
  const jobs = await Promise.all(JOB_KINDS.map((kind) => count(topology.jobs(kind))))
  return {
    commands: await count(topology.commands),
    jobs: jobs.reduce((sum, waiting) => sum + waiting, 0),
    deadLetters: await count(topology.deadLetters),
  }
}

const MAX_DEAD_LETTERS = 10_000
const KEEP_DEAD_LETTERS_MS = 7 * 24 * 60 * 60 * 1000

export interface TopologyOptions {
  /** The prefix of every name. */
  readonly prefix: string
  /**
   * `quorum` for a cluster of RabbitMQ nodes. Job queues stay classic, because only those support
   * priorities.
   */
  readonly queueType: 'classic' | 'quorum'
  readonly maxWaiting: number
  readonly maxWaitingJobs: number
}

/**
 * Derives the names. The arguments of an existing queue cannot be changed: different arguments need
 * a different name, and the old queue must then be emptied and deleted by hand.
 */
export function nameTopology({ prefix, queueType }: TopologyOptions): Topology {
  const suffix = queueType === 'classic' ? '' : `.${queueType}`
  return {
    events: `${prefix}.events`,
    commands: `${prefix}.commands${suffix}`,
    deadLetters: `${prefix}.dead-letters`,
    jobs: (kind) => `${prefix}.jobs.${kind}`,
  }
}

export function declareTopology(topology: Topology, options: TopologyOptions): SessionStep {
  // A full queue rejects messages, so that publishers wait; it never drops any.
  const refuseBeyond = (max: number) =>
    ({ 'x-max-length': max, 'x-overflow': 'reject-publish' }) as const

  return async ({ publishing }) => {
    await publishing.exchangeDeclare({ exchange: topology.events, type: 'direct', durable: true })
    await publishing.queueDeclare({
      queue: topology.commands,
      durable: true,
      arguments: { ...refuseBeyond(options.maxWaiting), 'x-queue-type': options.queueType },
    })
    for (const kind of JOB_KINDS) {
      await publishing.queueDeclare({
        queue: topology.jobs(kind),
        durable: true,
        arguments: {
          ...refuseBeyond(options.maxWaitingJobs),
          'x-max-priority': MAX_JOB_PRIORITY,
        },
      })
    }
    await publishing.queueDeclare({
      queue: topology.deadLetters,
      durable: true,
      arguments: { 'x-max-length': MAX_DEAD_LETTERS, 'x-message-ttl': KEEP_DEAD_LETTERS_MS },
    })
  }
}

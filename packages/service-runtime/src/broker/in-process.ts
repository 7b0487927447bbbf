import type { Command, Job, JobKind } from '@sotto/wire'
import type { Logger } from '../log.ts'
import type { Broker, QueueDepths } from './broker.ts'
import { createTopics } from './topics.ts'
import { COMMAND_DEFAULTS, JOB_DEFAULTS, WorkQueue, type WorkQueueOptions } from './work-queue.ts'

/** The broker for services that share a process. Its content is lost when the process ends. */
export function createInProcessBroker({
  log,
  commands: commandOptions,
  jobs: jobOptions,
}: {
  log: Logger
  commands?: Partial<WorkQueueOptions>
  jobs?: Partial<WorkQueueOptions>
}): Broker {
  const commands = new WorkQueue<Command>(log, { ...COMMAND_DEFAULTS, ...commandOptions })
  const jobs = new Map<JobKind, WorkQueue<Job>>()
  const topics = createTopics(log)
  let isOpen = true

  function ensureOpen() {
    if (!isOpen) throw new Error('The broker is closed')
  }

  function queueOf(kind: JobKind): WorkQueue<Job> {
    ensureOpen()
    const queue = jobs.get(kind) ?? new WorkQueue<Job>(log, { ...JOB_DEFAULTS, ...jobOptions })
    jobs.set(kind, queue)
    return queue
  }

  return {
    sendCommand: (command) => commands.send(command),
    async consumeCommands(handler) {
      ensureOpen()
      return commands.consume(handler)
    },
    sendJob: async (job, priority) => queueOf(job.type).send(job, priority),
    async consumeJobs<K extends JobKind>(
      kind: K,
      handler: (job: Extract<Job, { type: K }>) => Promise<void>,
    ) {
      return queueOf(kind).consume((job) => handler(job as Extract<Job, { type: K }>))
    },
    async publishToShards(event) {
      ensureOpen()
      topics.toShards(event)
    },
    async subscribeShards(initial, handler) {
      ensureOpen()
      const { close, setKey } = topics.shards.subscribe(new Set(initial), handler)
      return { close, setShards: async (next) => setKey(new Set(next)) }
    },
    async publishToInstance(id, event) {
      ensureOpen()
      topics.toInstance(id, event)
    },
    async subscribeInstance(id, handler) {
      ensureOpen()
      return topics.instances.subscribe(id, handler)
    },
    async publishToAll(event) {
      ensureOpen()
      topics.toAll(event)
    },
    subscribeAll: async (handler) => topics.all.subscribe(null, handler),
    // A process is never disconnected from itself.
    onInterrupted: () => ({ close: async () => {} }),
    readQueues: async () => depthsOf(commands, jobs.values()),
    isHealthy: () => isOpen,
    async close() {
      isOpen = false
      topics.close()
      await Promise.all([commands, ...jobs.values()].map((queue) => queue.close()))
    },
  }
}

function depthsOf(commands: WorkQueue<Command>, queues: Iterable<WorkQueue<Job>>): QueueDepths {
  let jobs = 0
  for (const { waiting } of queues) jobs += waiting
  // Work that keeps failing is logged and dropped; there is no dead-letter queue.
  return { commands: commands.waiting, jobs, deadLetters: 0 }
}

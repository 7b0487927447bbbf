import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, Connection } from 'rabbitmq-client'
import type { Logger } from '../../log.ts'

const RETRY_AFTER_MS = 200
const HEARTBEAT_SECONDS = 10
const FRAME_BYTES = 131_072

/** How long a subscription waits for a session. */
export const WAIT_FOR_SESSION_MS = 5_000

/** The channels of a connection, valid until it is lost. */
export interface Session {
  /** The channel for publishing, with publisher confirms. */
  readonly publishing: Channel
  readonly consuming: Channel
  readonly isAlive: boolean
  /** Ids of mandatory messages that had no queue. */
  readonly returned: Set<string>
  /** Resolves when the session is lost or closed. */
  readonly ended: Promise<void>
}

/** Prepares a session before it is used: declares queues, starts to consume. */
export type SessionStep = (session: Session) => Promise<void>

/**
 * The connection to RabbitMQ and its two channels. If any of them is lost, or the broker deletes a
 * consumed queue, all are recreated and every step runs again. There are thus only two states: a
 * complete session, or none.
 */
export interface Link {
  /** The current session; undefined while there is none. */
  readonly session: Session | undefined
  /** Whether messages pass: there is a session, and the broker does not block publishers. */
  readonly isReady: boolean
  /** Waits for a session; rejects if there is none in time. */
  find(withinMs: number): Promise<Session>
  close(): Promise<void>
}

interface LinkOptions {
  readonly url: string
  readonly name: string
  readonly log: Logger
  /**
   * Steps may be added until the first session is created, which happens in the next turn at the
   * earliest.
   */
  readonly steps: readonly SessionStep[]
  /** Called when a lost session has been replaced. */
  readonly onInterrupted: () => void
}

export function openLink({ url, name, log, steps, onInterrupted }: LinkOptions): Link {
  const connection = new Connection({
    url,
    connectionName: name,
    heartbeat: HEARTBEAT_SECONDS,
    frameMax: FRAME_BYTES,
    noDelay: true,
    connectionTimeout: 5_000,
    acquireTimeout: 10_000,
    retryLow: 100,
    retryHigh: 500,
  })
  // Without a listener, an error would end the process.
  connection.on('error', (error) => log.warn({ err: error }, 'the connection to RabbitMQ failed'))
  connection.on('connection.blocked', () => log.warn('RabbitMQ blocks publishers'))
  connection.on('connection.unblocked', () => log.info('RabbitMQ accepts messages again'))
  let session: Session | undefined
  let isClosed = false
  let next = Promise.withResolvers<Session>()

  async function keepSession() {
    let isFirst = true
    while (!isClosed) {
      const made = await makeSession(connection, steps).catch(async (error: unknown) => {
        if (isClosed) return
        log.warn({ err: error }, 'RabbitMQ is not usable')
        await sleep(RETRY_AFTER_MS)
      })
      if (!made) continue
      if (isClosed) return closeChannels(made)
      session = made
      next.resolve(made)
      if (!isFirst) onInterrupted()
      isFirst = false
      await made.ended
      session = undefined
      next = Promise.withResolvers()
      if (!isClosed) log.warn('the session with RabbitMQ was lost')
    }
  }

  const keeping = keepSession()
  return {
    get session() {
      return session
    },
    get isReady() {
      return session?.isAlive === true && connection.ready
    },
    find: (withinMs) => within(next.promise, withinMs),
    async close() {
      isClosed = true
      // Closing channels of a connection that never opened would wait forever.
      if (session) await closeChannels(session)
      await connection.close()
      await keeping
    },
  }
}

async function makeSession(
  connection: Connection,
  steps: readonly SessionStep[],
): Promise<Session> {
  const publishing = await connection.acquire({ emitErrorsFromChannel: true })
  const consuming = await connection
    .acquire({ emitErrorsFromChannel: true })
    .catch(async (error: unknown) => {
      // A connection closes only after every open channel.
      await publishing.close()
      throw error
    })
  const end = Promise.withResolvers<void>()
  let isAlive = true
  const lose = () => {
    isAlive = false
    end.resolve()
  }
  for (const channel of [publishing, consuming]) {
    channel.on('close', lose)
    channel.on('basic.cancel', lose)
    // The channel closes after an error; the failed call reports it to its caller.
    channel.on('error', lose)
  }
  const returned = new Set<string>()
  publishing.on('basic.return', ({ messageId }) => returned.add(messageId ?? ''))
  const session: Session = {
    publishing,
    consuming,
    returned,
    get isAlive() {
      // A channel stops accepting messages as soon as it begins to close, but emits its close event
      // later.
      return isAlive && publishing.active && consuming.active
    },
    ended: end.promise.then(() => closeChannels({ publishing, consuming })),
  }
  try {
    await publishing.confirmSelect()
    for (const step of steps) await step(session)
    return session
  } catch (error) {
    await closeChannels(session)
    throw error
  }
}

/** Unacknowledged deliveries return to their queue. */
async function closeChannels({ publishing, consuming }: Pick<Session, 'publishing' | 'consuming'>) {
  await Promise.allSettled([publishing.close(), consuming.close()])
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('RabbitMQ cannot be reached')), ms)
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer))
}

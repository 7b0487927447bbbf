import { setTimeout as sleep } from 'node:timers/promises'
import { type Channel, Connection } from 'rabbitmq-client'
import type { Logger } from '../../log.ts'

const RETRY_AFTER_MS = 200
const HEARTBEAT_SECONDS = 10
const FRAME_BYTES = 131_072

/** How long a subscription waits for a session. */
export const WAIT_FOR_SESSION_MS = 5_000

/** What a link lends for as long as it holds. */
export interface Session {
  /** Confirms what is published. */
  readonly publishing: Channel
  readonly consuming: Channel
  readonly isAlive: boolean
  /** Ids of mandatory messages for which there was no queue. */
  readonly returned: Set<string>
  /** Resolves when it is lost or closed. */
  readonly ended: Promise<void>
}

/** Prepares a session before anybody may use it: declares queues, begins to consume. */
export type SessionStep = (session: Session) => Promise<void>

/**
 * The connection to RabbitMQ and the two channels on it. When any of them is lost, or the broker
 * deletes a queue that is consumed, all are made anew and every step runs again, so there is one
 * state to reason about: there is a whole session, or there is none.
 */
export interface Link {
  /** The session at this moment; undefined while there is none. */
  readonly session: Session | undefined
  /** Whether messages pass: there is a session, and the broker does not hold publishers back. */
  readonly isReady: boolean
  /** Waits for a session; rejects when there is none in time. */
  find(withinMs: number): Promise<Session>
  close(): Promise<void>
}

interface LinkOptions {
  readonly url: string
  readonly name: string
  readonly log: Logger
  /** May be added to until the first session is made, which is not before the next turn. */
  readonly steps: readonly SessionStep[]
  /** Called when there is a session again after one was lost. */
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
  // Without a listener the process would end.
  connection.on('error', (error) => log.warn({ err: error }, 'the connection to RabbitMQ failed'))
  connection.on('connection.blocked', () => log.warn('RabbitMQ holds publishers back'))
  connection.on('connection.unblocked', () => log.info('RabbitMQ takes messages again'))
  let session: Session | undefined
  let isClosed = false
  let next = Promise.withResolvers<Session>()

  async function keepSession() {
    let isFirst = true
    while (!isClosed) {
      const made = await makeSession(connection, steps).catch(async (error: unknown) => {
        if (isClosed) return
        log.warn({ err: error }, 'RabbitMQ cannot be used')
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
      if (!isClosed) log.warn('the session with RabbitMQ is lost')
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
      // A connection that never came would be waited for.
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
      // The end of a connection waits for every channel that is open.
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
    // The channel closes after that; what failed is told to whoever called.
    channel.on('error', lose)
  }
  const returned = new Set<string>()
  publishing.on('basic.return', ({ messageId }) => returned.add(messageId ?? ''))
  const session: Session = {
    publishing,
    consuming,
    returned,
    get isAlive() {
      // A channel takes nothing from the moment it begins to close, and says that it is closed later.
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

/** What was delivered and not acknowledged goes back to its queue. */
async function closeChannels({ publishing, consuming }: Pick<Session, 'publishing' | 'consuming'>) {
  await Promise.allSettled([publishing.close(), consuming.close()])
}

async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error('RabbitMQ cannot be reached')), ms)
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer))
}

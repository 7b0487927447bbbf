import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Envelope } from 'rabbitmq-client'
import { MAX_BODY_CHARS } from './bodies.ts'
import type { Link, Session } from './link.ts'

/** Something on its way to the broker. */
interface Parcel<T> {
  readonly content: T
  readonly chars: number
  readonly taken: PromiseWithResolvers<void>
}

interface LaneOptions<T> {
  readonly link: Link
  /** How many go into one AMQP message. */
  readonly maxParcels: number
  /** Whether one more may travel with those that are in the message already. */
  readonly fits?: (packed: readonly T[], next: T) => boolean
  readonly charsOf: (content: T) => number
  /** The message of several parcels. */
  readonly pack: (contents: readonly T[]) => { envelope: Envelope; body: Buffer }
}

/** Messages of one lane that may be unconfirmed; meanwhile more parcels gather for the next one. */
const MAX_UNCONFIRMED = 4
const FULL_RETRY_MS = { least: 5, most: 200 }

/** The way to one destination. */
export interface Lane<T> {
  /**
   * Resolves when the broker confirmed it. Rejects when that is uncertain, and at once while there is
   * no session. While the queue is full it waits.
   */
  send(content: T): Promise<void>
  /** Rejects what waits. */
  close(): void
}

/** Sends what is published within one tick as one message. */
export function createLane<T>(options: LaneOptions<T>): Lane<T> {
  const { link } = options
  const waiting: Parcel<T>[] = []
  const closing = new AbortController()
  let unconfirmed = 0
  let isScheduled = false

  function schedule() {
    if (isScheduled) return
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      flush()
    })
  }

  function flush() {
    const { session } = link
    if (!session) {
      for (const { taken } of waiting.splice(0)) taken.reject(new Error('RabbitMQ is not there'))
    }
    while (session && waiting.length > 0 && unconfirmed < MAX_UNCONFIRMED) {
      unconfirmed += 1
      send(session, takeSome(waiting, options))
    }
  }

  function send(session: Session, parcels: readonly Parcel<T>[]) {
    const { envelope, body } = options.pack(parcels.map(({ content }) => content))
    publishUntilTaken(session, envelope, body, closing.signal)
      .then(
        () => {
          for (const { taken } of parcels) taken.resolve()
        },
        (cause: unknown) => {
          const error = new Error('RabbitMQ did not confirm', { cause })
          for (const { taken } of parcels) taken.reject(error)
        },
      )
      .finally(() => {
        unconfirmed -= 1
        flush()
      })
  }

  return {
    send(content) {
      if (closing.signal.aborted) return Promise.reject(new Error('the broker is closed'))
      const taken = Promise.withResolvers<void>()
      waiting.push({ content, chars: options.charsOf(content), taken })
      schedule()
      return taken.promise
    },
    close() {
      closing.abort(new Error('the broker is closed'))
      for (const { taken } of waiting.splice(0)) taken.reject(new Error('the broker is closed'))
    },
  }
}

/** Removes from the front what travels in one message. */
function takeSome<T>(waiting: Parcel<T>[], { maxParcels, fits }: LaneOptions<T>): Parcel<T>[] {
  const packed: T[] = []
  let chars = 0
  for (const { content, chars: more } of waiting) {
    chars += more
    const isFull = packed.length >= maxParcels || chars > MAX_BODY_CHARS
    if (packed.length > 0 && (isFull || fits?.(packed, content) === false)) break
    packed.push(content)
  }
  return waiting.splice(0, packed.length)
}

/**
 * A refusal says for certain that the message is in no queue, because the queue is full: it is given
 * again until there is room. Anything else is uncertain, and is not given again here.
 */
async function publishUntilTaken(
  session: Session,
  envelope: Envelope,
  body: Buffer,
  signal: AbortSignal,
): Promise<void> {
  for (let delayMs = FULL_RETRY_MS.least; ; delayMs = Math.min(delayMs * 2, FULL_RETRY_MS.most)) {
    try {
      return await publishOnce(session, envelope, body)
    } catch (error) {
      if (!isRefusal(error)) throw error
    }
    await sleep(delayMs, undefined, { signal })
  }
}

let messages = 0

/** Rejects for a mandatory message also when there is no queue for it. */
async function publishOnce(session: Session, envelope: Envelope, body: Buffer): Promise<void> {
  if (!envelope.mandatory) return session.publishing.basicPublish(envelope, body)
  messages += 1
  const messageId = String(messages)
  await session.publishing.basicPublish({ ...envelope, messageId }, body)
  // The message comes back before its confirmation, but the library tells of it in the next turn.
  await nextTurn()
  if (!session.returned.delete(messageId)) return
  // Somebody deleted the queue. The next session declares it again.
  void session.publishing.close()
  throw new Error('there is no such queue')
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NACK'
}

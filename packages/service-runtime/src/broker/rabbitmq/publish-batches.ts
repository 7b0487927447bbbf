import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Envelope } from 'rabbitmq-client'
import { MAX_BODY_CHARS } from './bodies.ts'
import type { Link, Session } from './link.ts'

/** Content on its way to the broker. */
interface Parcel<T> {
  readonly content: T
  readonly chars: number
  readonly taken: PromiseWithResolvers<void>
}

interface LaneOptions<T> {
  readonly link: Link
  /** The maximum number per AMQP message. */
  readonly maxParcels: number
  /** Whether one more may join the contents that are already in the message. */
  readonly fits?: (packed: readonly T[], next: T) => boolean
  readonly charsOf: (content: T) => number
  /** Builds a message from several contents. */
  readonly pack: (contents: readonly T[]) => { envelope: Envelope; body: Buffer }
}

/**
 * How many messages of one lane may be unconfirmed. Meanwhile, more contents collect for the next
 * one.
 */
const MAX_UNCONFIRMED = 4
const FULL_RETRY_MS = { least: 5, most: 200 }

/** Sends contents to one destination. */
export interface Lane<T> {
  /**
   * Resolves when the broker has confirmed the content. Rejects when that is uncertain, and
   * immediately while there is no session. Stays pending while the queue is full.
   */
  send(content: T): Promise<void>
  /** Rejects everything that waits. */
  close(): void
}

/** Sends everything that is published within one tick as one message. */
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
      for (const { taken } of waiting.splice(0))
        taken.reject(new Error('RabbitMQ is not connected'))
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
          const error = new Error('RabbitMQ did not confirm the message', { cause })
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
      if (closing.signal.aborted) return Promise.reject(new Error('The broker is closed'))
      const taken = Promise.withResolvers<void>()
      waiting.push({ content, chars: options.charsOf(content), taken })
      schedule()
      return taken.promise
    },
    close() {
      closing.abort(new Error('The broker is closed'))
      for (const { taken } of waiting.splice(0)) taken.reject(new Error('The broker is closed'))
    },
  }
}

/** Removes the next message's contents from the front. */
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
 * A nack proves that the message is in no queue because the queue is full, so it is published again
 * until there is room. Any other failure is uncertain and is not retried here.
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

/** Also rejects if a mandatory message has no queue. */
async function publishOnce(session: Session, envelope: Envelope, body: Buffer): Promise<void> {
  if (!envelope.mandatory) return session.publishing.basicPublish(envelope, body)
  messages += 1
  const messageId = String(messages)
  await session.publishing.basicPublish({ ...envelope, messageId }, body)
  // A returned message arrives before its confirmation, but the library reports it in the next
  // turn.
  await nextTurn()
  if (!session.returned.delete(messageId)) return
  // The queue was deleted. The next session declares it again.
  void session.publishing.close()
  throw new Error('The queue does not exist')
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'NACK'
}

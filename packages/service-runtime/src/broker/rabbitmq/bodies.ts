// Note: what a message holds
//
// One AMQP message costs RabbitMQ as much as the handling of many envelopes, so it carries all that
// was published within one tick: one JSON text on each line. A message with events begins with a
// line that says whom each of them is for, so that nobody parses what is for others.

/** What one AMQP message may hold, unless a single thing is larger. */
export const MAX_BODY_CHARS = 1_000_000

/** Work: commands or jobs, one on each line. */
export function writeWork(texts: readonly string[]): Buffer {
  return Buffer.from(texts.join('\n'))
}

export function readWork(body: Buffer): string[] {
  return body.toString().split('\n')
}

/** An event and whom it is for. */
export interface AddressedEvent {
  readonly keys: readonly string[]
  /** JSON. */
  readonly text: string
}

export function writeEvents(events: readonly AddressedEvent[]): Buffer {
  const keys = JSON.stringify(events.map((event) => event.keys))
  return Buffer.from([keys, ...events.map(({ text }) => text)].join('\n'))
}

/** Throws when it was not written by `writeEvents`. */
export function readEvents(body: Buffer): AddressedEvent[] {
  const [first = '', ...texts] = body.toString().split('\n')
  const keys: unknown = JSON.parse(first)
  if (!Array.isArray(keys) || keys.length !== texts.length) throw new Error('not a list of events')
  return texts.map((text, index) => ({ keys: keys[index], text }))
}

// Note: the content of a message
//
// One AMQP message costs RabbitMQ as much as the handling of many envelopes, so it carries
// everything that was published within one tick, as one JSON text per line. A message with events
// begins with a line that lists the recipients of each event, so that no process parses events for
// others.

/** The maximum size of an AMQP message, unless a single text is larger. */
export const MAX_BODY_CHARS = 1_000_000

/** Work: commands or jobs, one per line. */
export function writeWork(texts: readonly string[]): Buffer {
  return Buffer.from(texts.join('\n'))
}

export function readWork(body: Buffer): string[] {
  return body.toString().split('\n')
}

/** An event and its routing keys. */
export interface AddressedEvent {
  readonly keys: readonly string[]
  /** JSON. */
  readonly text: string
}

export function writeEvents(events: readonly AddressedEvent[]): Buffer {
  const keys = JSON.stringify(events.map((event) => event.keys))
  return Buffer.from([keys, ...events.map(({ text }) => text)].join('\n'))
}

/** Throws if `writeEvents` did not write the body. */
export function readEvents(body: Buffer): AddressedEvent[] {
  const [first = '', ...texts] = body.toString().split('\n')
  const keys: unknown = JSON.parse(first)
  if (!Array.isArray(keys) || keys.length !== texts.length) throw new Error('Not a list of events')
  return texts.map((text, index) => ({ keys: keys[index], text }))
}

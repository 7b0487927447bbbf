import type { ConversationId, StoredEnvelope } from '@sotto/wire'

const PAGE = 100

/** Reads up to a page of a log after a seq. Rejects when the server cannot be reached. */
export type ReadPage = (conversationId: ConversationId, after: number) => Promise<StoredEnvelope[]>

/** Reads pages of the log with an access token, over HTTP. */
export function pageReader(origin: string, token: () => string): ReadPage {
  return async (conversationId, after) => {
    const path = `/conversations/${conversationId}/envelopes?after=${after}&limit=${PAGE}`
    const answer = await fetch(origin + path, {
      headers: { authorization: `Bearer ${token()}` },
      signal: AbortSignal.timeout(10_000),
    })
    if (!answer.ok) throw new Error(`the log answered ${answer.status}`)
    return ((await answer.json()) as { envelopes: StoredEnvelope[] }).envelopes
  }
}

/**
 * Shows a conversation in log order, as every client must: pushes are hints, and anything they omit is read from the
 * log. Ids aren't compared, so a message that the server stores twice is shown twice.
 */
export class LogFollower {
  newest = 0
  readonly #id: ConversationId
  readonly #read: ReadPage
  readonly #show: (envelope: StoredEnvelope) => void
  readonly #early = new Map<number, StoredEnvelope>()
  #reading: Promise<void> | undefined

  constructor(id: ConversationId, read: ReadPage, show: (envelope: StoredEnvelope) => void) {
    this.#id = id
    this.#read = read
    this.#show = show
  }

  /** Applies a push. Returns true if it leaves a gap that has to be read. */
  apply(envelope: StoredEnvelope): boolean {
    if (envelope.seq > this.newest) this.#early.set(envelope.seq, envelope)
    for (;;) {
      const next = this.#early.get(this.newest + 1)
      if (!next) break
      this.#early.delete(next.seq)
      this.newest = next.seq
      this.#show(next)
    }
    return this.#early.size > 0
  }

  /** Reads everything missing up to the end of the log. Concurrent callers share one run. */
  catchUp(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readOn(): Promise<void> {
    for (;;) {
      const envelopes = await this.#read(this.#id, this.newest)
      for (const envelope of envelopes) this.apply(envelope)
      if (envelopes.length < PAGE) return
    }
  }
}

import {
  type ConversationId,
  type EnvelopeId,
  type ErrorCode,
  isRetryable,
  type NewEnvelope,
  type Verdict,
} from '@sotto/wire'

/** The server's verdict on an envelope. `null`: the connection breaks before the verdict arrives. */
export type Fate = 'accepted' | Extract<ErrorCode, 'unavailable' | 'quota_exceeded'> | null

/** An envelope and its position among everything that the server has read. */
type Read = NewEnvelope & { readonly place: number }

/**
 * A server that follows PROTOCOL.md §13.3: an id is accepted once, and nothing overtakes a message that was refused for
 * now on the same connection. It reads envelopes in order, and may refuse one before it decides earlier ones.
 */
export class Server {
  readonly log = new Map<ConversationId, EnvelopeId[]>()
  readonly #refused = new Map<ConversationId, { id: EnvelopeId; place: number }>()
  /** Read but not decided yet. */
  #waiting: Read[] = []
  #places = 0

  connected(): void {
    this.#refused.clear()
    this.#waiting = []
  }

  /** Reads an envelope; returns the verdict if it is refused right away. */
  read(envelope: NewEnvelope, isLimited: boolean): Verdict | undefined {
    const read = { ...envelope, place: ++this.#places }
    const first = this.#refused.get(envelope.conversationId)
    if (first && first.id !== envelope.id) return this.#refuse(read, 'unavailable')
    this.#refused.delete(envelope.conversationId)
    if (isLimited) return this.#refuse(read, 'rate_limited')
    this.#waiting.push(read)
    return undefined
  }

  /** Decides the next envelope that it has read, and refuses those that follow a refused one. */
  decideNext(fate: Exclude<Fate, null>): Verdict[] {
    const envelope = this.#waiting.shift()
    if (!envelope) return []
    const verdict = this.#decide(envelope, fate)
    if (verdict.fate === 'accepted' || !isRetryable(verdict.code)) return [verdict]
    const isBehind = ({ conversationId }: Read) => conversationId === envelope.conversationId
    const behind = this.#waiting.filter(isBehind)
    this.#waiting = this.#waiting.filter((one) => !isBehind(one))
    return [verdict, ...behind.map((one) => this.#refuse(one, 'unavailable'))]
  }

  #decide(read: Read, fate: Exclude<Fate, null>): Verdict {
    const { id, conversationId } = read
    const log = this.log.get(conversationId) ?? []
    this.log.set(conversationId, log)
    if (!log.includes(id)) {
      if (fate !== 'accepted') return this.#refuse(read, fate)
      log.push(id)
    }
    return { fate: 'accepted', id, conversationId, seq: log.indexOf(id) + 1, acceptedAt: 1 }
  }

  #refuse(
    { id, conversationId, place }: Read,
    code: Extract<Verdict, { fate: 'refused' }>['code'],
  ): Verdict {
    const first = this.#refused.get(conversationId)
    if (isRetryable(code) && !(first && first.place < place)) {
      this.#refused.set(conversationId, { id, place })
    }
    return { fate: 'refused', id, conversationId, code }
  }
}

import { randomUUID } from 'node:crypto'
import type { Broker, Distribution, Logger } from '@sotto/service-runtime'
import {
  type Actor,
  type BatchDecided,
  type ErrorCode,
  type InstanceId,
  isRetryable,
  type NewEnvelope,
  type SessionId,
} from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'
import type { WebsocketConfig } from '../settings.ts'
import { Lanes, type Sending } from './lanes.ts'
import {
  isBehindRefused,
  nextPlace,
  type Placed,
  rememberRefused,
  wouldOvertake,
} from './retry-order.ts'
import type { NamedEnvelope, Verdicts } from './verdicts.ts'

interface Dependencies {
  readonly broker: Broker
  readonly log: Logger
  readonly config: WebsocketConfig
  readonly instanceId: InstanceId
  readonly verdicts: Verdicts
  readonly acceptSeconds: Distribution
}

interface Batch {
  readonly sendings: readonly Sending[]
  readonly sentAt: number
}

/**
 * Collects the envelopes of all connections into batches, one command each, and returns the
 * verdicts to their senders. Envelopes that arrive within one tick are batched together. While
 * `maxBatchesInFlight` batches are undecided, nothing is sent, so that batches grow with the load.
 */
export class EnvelopeCollector {
  readonly #deps: Dependencies
  readonly #lanes = new Lanes()
  readonly #inFlight = new Map<string, Batch>()
  #isScheduled = false

  constructor(deps: Dependencies) {
    this.#deps = deps
  }

  /** Whether so much is waiting that the service should stop reading from senders. */
  get isFull(): boolean {
    const { maxWaitingEnvelopes, maxWaitingChars } = this.#deps.config
    return this.#lanes.size >= maxWaitingEnvelopes || this.#lanes.chars >= maxWaitingChars
  }

  /** Envelopes waiting for a batch. */
  get waiting(): number {
    return this.#lanes.size
  }

  get batchesInFlight(): number {
    return this.#inFlight.size
  }

  /** Whether every envelope is decided. */
  get isIdle(): boolean {
    return this.#lanes.size === 0 && this.#inFlight.size === 0
  }

  add(connection: Connection, actor: Actor, envelopes: readonly NewEnvelope[]) {
    const now = performance.now()
    for (const envelope of envelopes) {
      const sending = { connection, actor, envelope, place: nextPlace(connection), arrivedAt: now }
      if (wouldOvertake(sending)) {
        this.#deps.verdicts.refuse(connection, envelope, 'unavailable')
      } else {
        this.#lanes.add(sending)
      }
    }
    this.#schedule()
  }

  /** Rejects malformed envelopes. They are not resent, so nothing waits for them. */
  reject(connection: Connection, envelopes: readonly NamedEnvelope[]) {
    for (const envelope of envelopes) {
      this.#deps.verdicts.refuse(connection, envelope, 'invalid_request')
    }
  }

  /** Temporarily refuses new envelopes. */
  refuse(connection: Connection, envelopes: readonly NewEnvelope[], code: ErrorCode) {
    for (const envelope of envelopes) {
      this.#refuse({ connection, envelope, place: nextPlace(connection) }, code)
    }
  }

  /** Delivers the verdicts to the senders. An unknown batch was already decided or abandoned. */
  decided({ batchId, verdicts }: BatchDecided) {
    const batch = this.#inFlight.get(batchId)
    if (!batch) return
    const now = performance.now()
    let isAllFinal = true
    for (const [i, sending] of batch.sendings.entries()) {
      const { connection, envelope, arrivedAt } = sending
      const given = verdicts[i]
      const verdict = given?.id === envelope.id ? given : undefined
      if (verdict?.fate === 'accepted') this.#deps.acceptSeconds.observe((now - arrivedAt) / 1000)
      if (verdict) this.#deps.verdicts.add(connection, verdict)
      else this.#deps.verdicts.refuse(connection, envelope, 'internal')
      if (verdict?.fate === 'accepted' || (verdict && !isRetryable(verdict.code))) continue
      isAllFinal = false
      rememberRefused(sending)
    }
    this.#end(batchId, batch)
    if (!isAllFinal) this.#refuseThoseBehind()
  }

  /** Drops the waiting envelopes of an ended session. Those in flight were sent in time. */
  forget(sessionId: SessionId) {
    this.#lanes.remove(({ actor }) => actor.sessionId === sessionId)
  }

  /**
   * Verdicts may have been lost, so undecided batches are abandoned and their senders resend
   * immediately.
   */
  interrupted() {
    for (const [batchId, batch] of this.#inFlight) this.#giveUp(batchId, batch)
  }

  /** Abandons batches that have waited too long. */
  sweep(now: number) {
    const tooOld = now - this.#deps.config.decideWithinMs
    for (const [batchId, batch] of this.#inFlight) {
      if (batch.sentAt <= tooOld) this.#giveUp(batchId, batch)
    }
    const late = this.#lanes.remove(({ arrivedAt }) => arrivedAt <= tooOld)
    if (late.length > 0) this.#refuseForNow(late)
  }

  #schedule() {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      while (this.#inFlight.size < this.#deps.config.maxBatchesInFlight && this.#lanes.hasOpen) {
        this.#send(this.#lanes.take())
      }
    })
  }

  #send(sendings: readonly Sending[]) {
    const { broker, instanceId, log } = this.#deps
    const batchId = randomUUID()
    const batch = { sendings, sentAt: performance.now() }
    this.#inFlight.set(batchId, batch)
    const envelopes = sendings.map(({ actor, envelope }) => ({ actor, envelope }))
    broker
      .sendCommand({ type: 'envelopes.accept', batchId, replyTo: instanceId, envelopes })
      .catch((error: unknown) => {
        log.warn({ err: error, envelopes: envelopes.length }, 'a batch could not be sent')
        this.#giveUp(batchId, batch)
      })
  }

  #giveUp(batchId: string, batch: Batch) {
    if (!this.#inFlight.has(batchId)) return
    this.#end(batchId, batch)
    this.#refuseForNow(batch.sendings)
  }

  #end(batchId: string, batch: Batch) {
    this.#inFlight.delete(batchId)
    this.#lanes.release(batch.sendings)
    this.#schedule()
  }

  #refuseForNow(sendings: readonly Sending[]) {
    for (const sending of sendings) this.#refuse(sending, 'unavailable')
    this.#refuseThoseBehind()
  }

  #refuse(placed: Placed, code: ErrorCode) {
    rememberRefused(placed)
    this.#deps.verdicts.refuse(placed.connection, placed.envelope, code)
  }

  #refuseThoseBehind() {
    const behind = this.#lanes.remove(isBehindRefused)
    for (const { connection, envelope } of behind) {
      this.#deps.verdicts.refuse(connection, envelope, 'unavailable')
    }
  }
}

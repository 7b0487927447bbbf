import type { ClientFrame, ConversationId, ServerFrame } from '@sotto/wire'
import type { ConnectionView } from '../api/views.ts'
import { meetInviter } from '../commands/meet-inviter.ts'
import { othersIn } from '../conversations/conversation-record.ts'
import { catchUp } from '../receiving/catch-up.ts'
import { Retrying } from '../scheduling/retrying.ts'
import { Timers } from '../scheduling/timers.ts'
import { followKeyChanges } from '../sending/follow-key-change.ts'
import { adoptWaiting } from '../sending/send.ts'
import { GatedConnection } from '../transport/gated-connection.ts'
import type { EngineOptions } from './engine-options.ts'
import type { EngineParts } from './engine-parts.ts'
import { handleFrame } from './handle-frame.ts'
import { UpToDate } from './up-to-date.ts'

/** An accepted message is usually pushed immediately; after this time, it is read instead. */
const BEHIND_MS = 1_000
/** Pushes are hints and may get lost: how often a device asks whether it missed something. */
const LOOK_AGAIN_MS = 120_000

/**
 * The engine's link to the server: prepares the device, connects, catches up after every interruption, and starts and
 * stops the work that needs a connection.
 */
export class ServerLink {
  readonly #options: EngineOptions
  readonly #parts: EngineParts
  readonly #preparing: Retrying
  readonly #catchingUp: Retrying
  readonly #meetingInviter: Retrying
  readonly #timers = new Timers()
  readonly #upToDate: UpToDate
  #connection: GatedConnection | undefined

  constructor(options: EngineOptions, parts: EngineParts) {
    const { onError } = options
    this.#options = options
    this.#parts = parts
    this.#upToDate = new UpToDate(() => this.#stateChanged())
    this.#preparing = new Retrying(() => this.#prepare(), onError)
    this.#catchingUp = new Retrying(() => this.#upToDate.by(() => catchUp(parts)), onError)
    this.#meetingInviter = new Retrying(() => meetInviter(parts), onError)
  }

  get state(): ConnectionView['state'] {
    const state = this.#connection?.state ?? 'connecting'
    return state === 'online' && !this.#upToDate.is ? 'catching_up' : state
  }

  /** Sends a frame if there is a connection. */
  readonly transmit = (frame: ClientFrame): void => this.#connection?.transmit(frame)

  start(): void {
    this.#preparing.start()
  }

  /** Tries now instead of waiting for the next attempt; asks for what was missed. */
  reconnect(): void {
    if (!this.#connection) this.#preparing.start()
    else if (this.#isConnected) this.#catchingUp.start()
    else this.#connection.reconnect()
  }

  /** Drops a connection that looks alive but isn't, and connects again. */
  replace(): void {
    this.#connection?.replace()
  }

  /** Asks what has changed, and reads it. */
  catchUp(): void {
    this.#catchingUp.start()
  }

  /** The server has accepted a message in this conversation that isn't in the log here yet. */
  behind(id: ConversationId): void {
    this.#timers.after(BEHIND_MS, () => {
      this.#parts.receive.catchUp(id, null).catch((error: unknown) => this.#frameFailed(error))
    })
  }

  /** The server is in another era: no messages flow until the logs here are reconciled with it. */
  wound(): void {
    this.#connection?.wound()
  }

  /** The logs here belong to the server's era. */
  inLine(): void {
    if (this.#connection?.admit()) this.#catchingUp.start()
  }

  /**
   * A conversation is on the screen, so its participants' keys are checked: a change must show before the person
   * writes.
   */
  lookedAt(id: ConversationId): void {
    const conversation = this.#parts.conversations.get(id)
    if (!conversation || !this.#isConnected) return
    for (const accountId of othersIn(conversation)) this.#parts.fresh.has(accountId)
  }

  close(): void {
    this.#connection?.close()
    this.#stopWork()
  }

  get #isConnected(): boolean {
    return this.#connection?.state === 'online'
  }

  /** Before a device may meet anyone, it must be enrolled and know its pins. */
  async #prepare(): Promise<void> {
    const { uploads, context } = this.#options
    await uploads()
    // Without the pins of our other devices, this device would meet everyone for the first time.
    if (context.me().own.boxVersions.contacts === 0) await this.#parts.keyWork.contactBox.sync()
    await followKeyChanges(this.#parts)
    await adoptWaiting(this.#parts)
    this.#connect()
  }

  #connect(): void {
    if (this.#connection) return
    const { network, account, onError } = this.#options
    const { frames } = this.#parts
    this.#connection = new GatedConnection({
      ...network,
      tokens: account.tokens,
      proveLogIn: account.proveLogIn,
      random: account.random,
      now: account.now,
      isOwn: ({ accountId, deviceId }) => {
        const { login } = account.state.memory
        return accountId === login?.accountId && deviceId === login.deviceId
      },
      onError,
      onConnected: () => this.#connected(),
      onOpen: (transmit) => this.#opened(transmit),
      onShut: () => this.#shut(),
      onDisconnected: () => this.#stopWork(),
      onFrame: (frame) => this.#received(frame),
      onTraffic: (direction, frame, text) => frames.note(direction, frame, text),
      onChange: () => this.#stateChanged(),
    })
    this.#stateChanged()
  }

  #connected(): void {
    this.#parts.fresh.clear()
    this.#upToDate.lost()
    this.#catchingUp.start()
    this.#lookAgain()
  }

  /** Messages may flow. */
  #opened(transmit: (frame: ClientFrame) => void): void {
    const { deliver, receipts, keyWork, records, timelines } = this.#parts
    deliver.connected(transmit)
    receipts.connected(transmit)
    keyWork.start()
    records.start()
    this.#meetingInviter.start()
    for (const id of timelines.watched()) this.lookedAt(id)
  }

  #shut(): void {
    const { deliver, receipts, keyWork } = this.#parts
    deliver.disconnected()
    receipts.disconnected()
    keyWork.stop()
  }

  #stopWork(): void {
    const { keyWork, records } = this.#parts
    this.#timers.clear()
    const works = [this.#preparing, this.#catchingUp, this.#meetingInviter, keyWork, records]
    for (const work of works) work.stop()
  }

  #received(frame: ServerFrame): void {
    handleFrame(this.#parts, frame).catch((error: unknown) => this.#frameFailed(error))
  }

  /** The data that a frame hinted at could not be read; catching up reads it. */
  #frameFailed(error: unknown): void {
    this.#options.onError(error)
    this.#upToDate.lost()
    if (this.#isConnected) this.#catchingUp.start()
  }

  #lookAgain(): void {
    const { random } = this.#options.account
    this.#timers.after(LOOK_AGAIN_MS * (0.75 + random() / 2), () => {
      this.#catchingUp.start()
      this.#lookAgain()
    })
  }

  #stateChanged(): void {
    this.#parts.updates.changed({ view: 'connection' })
  }
}

import type { AccountId, ClientFrame, ConversationId, EnvelopeId } from '@sotto/wire'
import type { Me } from '../../src/account/state/account-state.ts'
import type { UnlockedContext } from '../../src/account/state/unlocked-context.ts'
import { createUpdates } from '../../src/api/updates.ts'
import { NamedRecords } from '../../src/contacts/named-records.ts'
import { readEntries } from '../../src/conversations/log.ts'
import { openStoredParts, type StoredParts } from '../../src/engine/stored-parts.ts'
import { type CreateProtocols, createProtocols } from '../../src/protocols/protocols.ts'
import { type CatchUpDependencies, catchUp } from '../../src/receiving/catch-up.ts'
import { createOpenEnvelopes } from '../../src/receiving/open-envelopes.ts'
import { createReceive, type Receive } from '../../src/receiving/receive.ts'
import { createSerialBy } from '../../src/scheduling/serial.ts'
import { Deliver } from '../../src/sending/deliver.ts'
import { followKeyChange } from '../../src/sending/follow-key-change.ts'
import { failMessage, type SendDependencies, sendMessage } from '../../src/sending/send.ts'
import { followEra } from '../../src/server-restore/follow-era.ts'
import { windBack } from '../../src/server-restore/wind-back.ts'
import { put } from '../../src/storage/record-kind.ts'
import { ERA } from '../../src/storage/records/account.ts'
import type { LogEntry } from '../../src/storage/records/log.ts'
import type { ChatServer } from './chat-server.ts'
import { Disk, type Life } from './disk.ts'
import type { Enrolled, Person } from './person.ts'

export interface DeviceOptions {
  readonly server: ChatServer
  readonly person: Person
  readonly enrolled: Enrolled
  readonly disk?: Disk
  /** Replacements for the real ones. */
  readonly createProtocols?: CreateProtocols
}

/**
 * A device without a user interface, a connection or timers: the modules that send, receive, compare and pin, over one
 * disk and one server. The test moves every frame.
 */
export class Device {
  readonly options: DeviceOptions
  readonly disk: Disk
  readonly life: Life
  readonly context: UnlockedContext
  readonly parts: StoredParts
  readonly receive: Receive
  readonly deliver: Deliver
  readonly records: NamedRecords
  readonly failures: unknown[] = []
  /** Versions of our manifest that a message has named. */
  readonly manifestsSeen: number[] = []
  /** Conversations whose log continues on the server. */
  readonly behind: ConversationId[] = []
  /** Every entry that was stored, in order. */
  readonly stored: LogEntry[] = []
  /** While the logs are compared with a restored server, nothing is sent or received. */
  isShut = false
  #me: Me
  readonly #comparing = createSerialBy<ConversationId>()

  /** A device that starts for the first time, or restarts from its disk. */
  static async start(options: DeviceOptions): Promise<Device> {
    const { server, person, enrolled, disk = new Disk() } = options
    const life = disk.start()
    const self: { me: Me } = { me: person.on(enrolled) }
    const context: UnlockedContext = {
      storage: life.store,
      call: server.callAs(person.accountId),
      updates: createUpdates(),
      now: () => 5_000,
      me: () => self.me,
    }
    if ((await life.store.load(ERA)) === undefined) await life.store.write([put(ERA, server.era)])
    let device: Device | undefined
    const opening = { context, createProtocols: options.createProtocols ?? createProtocols }
    const parts = await openStoredParts(opening, {
      onConversationChange: () => {},
      onContactChange: (id) => {
        if (device) device.#retryWith(id)
      },
      onKeyChange: (id) => {
        if (device) device.#run(followKeyChange(device.writing, id))
      },
    })
    device = new Device({ ...options, disk }, { life, context, parts, self })
    return device
  }

  private constructor(
    options: DeviceOptions & { readonly disk: Disk },
    made: { life: Life; context: UnlockedContext; parts: StoredParts; self: { me: Me } },
  ) {
    const { life, context, parts, self } = made
    const onError = (error: unknown) => this.failures.push(error)
    this.options = options
    this.disk = options.disk
    this.life = life
    this.context = context
    this.parts = parts
    this.#me = self.me
    this.records = new NamedRecords(parts.contacts, onError)
    this.receive = createReceive({
      ...context,
      ...parts,
      open: createOpenEnvelopes({
        ...context,
        ...parts,
        records: this.records,
        onManifestSeen: (version) => this.manifestsSeen.push(version),
      }),
      onStored: (_, entries) => this.stored.push(...entries),
      onBehind: (id) => this.behind.push(id),
    })
    this.deliver = new Deliver({
      ...parts,
      onAccepted: (id, verdict) => this.receive.accepted(id, verdict),
      deviceId: () => this.#me.deviceId,
      isFresh: () => true,
      fail: (item, code) => failMessage(this.writing, item, code),
      onNotEnrolled: () => {},
      onConversationGone: () => {},
      onStall: () => {},
      onError,
    })
  }

  get id() {
    return this.#me.deviceId
  }

  get accountId(): AccountId {
    return this.#me.accountId
  }

  get writing(): SendDependencies {
    return { ...this.context, ...this.parts, wake: () => this.deliver.wake() }
  }

  get reading(): CatchUpDependencies {
    const { context, parts, receive } = this
    return {
      ...context,
      ...parts,
      receive,
      onError: (error) => this.failures.push(error),
      followEra: (era) => this.followEra(era),
      compare: (id, told) =>
        this.#comparing(id, () =>
          windBack({ ...this.reading, ...parts, onCut: () => {} }, id, told),
        ),
    }
  }

  connect(transmit: (frame: ClientFrame) => void): void {
    this.options.server.connected({ deviceId: this.id })
    this.deliver.connected(transmit)
  }

  write(id: ConversationId, text: string): Promise<EnvelopeId> {
    return sendMessage(this.writing, id, { type: 'text', text })
  }

  catchUp(): Promise<void> {
    return catchUp(this.reading)
  }

  followEra(era: string): Promise<boolean> {
    const onNewEra = () => {
      this.isShut = true
    }
    return followEra({ ...this.reading, onNewEra, restoreOwn: async () => {} }, era)
  }

  /** Runs to completion, or until the power fails. */
  survives(work: Promise<unknown>): Promise<unknown> {
    return Promise.race([work, this.life.ended])
  }

  /** The log as stored on this device. */
  async log(id: ConversationId): Promise<LogEntry[]> {
    const { first, newest } = this.parts.conversations.load(id).window
    return readEntries(this.context.storage, id, Math.max(1, first), newest)
  }

  /** The same device after it was switched off and on. */
  restart(changes: Partial<DeviceOptions> = {}): Promise<Device> {
    this.life.end()
    this.deliver.disconnected()
    return Device.start({ ...this.options, disk: this.disk, ...changes })
  }

  #retryWith(accountId: AccountId): void {
    for (const { id, window } of this.parts.conversations.with(accountId)) {
      if (window.unopened.length > 0) this.#run(this.receive.retryUnopened(id))
    }
  }

  #run(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.failures.push(error))
  }
}

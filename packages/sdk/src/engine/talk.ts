import type { AccountId, Conversation, ConversationId } from '@sotto/wire'
import { KeyWork } from '../account-sync/key-work.ts'
import { needsRsaKey } from '../account-sync/own-account.ts'
import { restoreOwn } from '../account-sync/restore-own.ts'
import type { ConnectionView } from '../api/commands.ts'
import { endIfGone } from '../commands/ended-conversations.ts'
import { meetInviter } from '../commands/meet-inviter.ts'
import { FreshContacts } from '../contacts/fresh-contacts.ts'
import { LookAlikes } from '../contacts/look-alikes/look-alikes.ts'
import { NamedRecords } from '../contacts/named-records.ts'
import { isSignedSuccessor } from '../contacts/pins/contact-pins.ts'
import { othersIn } from '../conversations/conversation-record.ts'
import { Receipts } from '../conversations/receipts.ts'
import { Typing } from '../conversations/typing.ts'
import { catchUp } from '../receiving/catch-up.ts'
import { FrameRecord } from '../receiving/frame-record.ts'
import { createOpenEnvelopes } from '../receiving/open-envelopes.ts'
import { createReceive, type Receive } from '../receiving/receive.ts'
import { Retrying } from '../scheduling/retrying.ts'
import { createSerialBy } from '../scheduling/serial.ts'
import { Timers } from '../scheduling/timers.ts'
import { Deliver } from '../sending/deliver.ts'
import { followKeyChange, followKeyChanges } from '../sending/follow-key-change.ts'
import { adoptWaiting, failMessage, type SendDependencies } from '../sending/send.ts'
import { followEra } from '../server-restore/follow-era.ts'
import { windBack } from '../server-restore/wind-back.ts'
import { GatedConnection } from '../transport/gated-connection.ts'
import { type ConversationList, createConversationList } from '../views/conversation-list.ts'
import { Timelines } from '../views/timelines.ts'
import { type HandleFrameDependencies, handleFrame } from './handle-frame.ts'
import type { TalkCommands } from './talk-command-names.ts'
import { talkCommands } from './talk-commands.ts'
import type { TalkOptions } from './talk-options.ts'
import { openTalkParts, type TalkListeners, type TalkParts } from './talk-parts.ts'
import { showViews } from './talk-views.ts'
import { UpToDate } from './up-to-date.ts'

/** What was accepted is usually pushed at once; after this long it is read. */
const BEHIND_MS = 1_000
/** Pushes are hints and may get lost: how often a device asks whether it missed something. */
const LOOK_AGAIN_MS = 120_000

/** What an unlocked device does: everything about contacts, conversations and messages. */
export class Talk {
  readonly commands: TalkCommands = talkCommands(this)
  readonly options: TalkOptions
  readonly parts: TalkParts
  readonly frames: FrameRecord
  readonly receive: Receive
  readonly timelines: Timelines
  readonly typing: Typing
  readonly lookAlikes: LookAlikes
  readonly #list: ConversationList
  readonly #fresh: FreshContacts
  readonly #records: NamedRecords
  readonly #deliver: Deliver
  readonly #receipts: Receipts
  readonly #keyWork: KeyWork
  readonly #preparing: Retrying
  readonly #catchingUp: Retrying
  readonly #meetingInviter: Retrying
  readonly #timers = new Timers()
  /** One after the other: what brings a conversation in line with a server that was wound back. */
  readonly #comparing = createSerialBy<ConversationId>()
  readonly #upToDate: UpToDate
  #connection: GatedConnection | undefined

  /** Reads what is stored and shows it; the network comes after that. */
  static async open(options: TalkOptions): Promise<Talk> {
    const listeners: TalkListeners = {
      conversationChanged: () => {},
      contactChanged: () => {},
      keyChanged: () => {},
    }
    const parts = await openTalkParts(options.context, options.createProtocols, listeners)
    const talk = new Talk(options, parts)
    listeners.conversationChanged = (id) => talk.#conversationChanged(id)
    listeners.contactChanged = (id) => talk.#contactChanged(id)
    listeners.keyChanged = (id) => talk.#keyChanged(id)
    showViews(talk, talk.#list)
    talk.lookAlikes.start()
    talk.#preparing.start()
    return talk
  }

  private constructor(options: TalkOptions, parts: TalkParts) {
    const { context, account, failed } = options
    const { conversations, contacts, outbox, lost, drafts } = parts
    this.options = options
    this.parts = parts
    this.frames = new FrameRecord(context.now)
    this.typing = new Typing(conversations, (id) => this.#conversationChanged(id))
    this.#records = new NamedRecords(contacts, failed)
    this.receive = this.#createReceive()
    this.timelines = new Timelines({
      storage: context.storage,
      updates: context.updates,
      conversations,
      outbox: (id) => outbox.of(id),
      lost: (id) => lost.of(id),
      fetchOlder: (id) => this.receive.fetchOlder(id),
      failed,
    })
    this.lookAlikes = new LookAlikes({
      contacts,
      me: () => context.me().accountId,
      changed: (id) => this.#looksChanged(id),
    })
    this.#list = createConversationList({
      conversations,
      contacts,
      looksLike: (contact) => this.lookAlikes.of(contact),
      outbox: (id) => outbox.of(id),
      isTyping: (id) => this.typing.isTyping(id),
      draft: (id) => drafts.of(id),
    })
    this.#fresh = new FreshContacts(contacts, () => this.#deliver.wake(), failed)
    this.#deliver = new Deliver({
      conversations,
      contacts,
      outbox,
      accepted: (id, verdict) => this.receive.accepted(id, verdict),
      deviceId: () => context.me().deviceId,
      isFresh: (accountId) => this.#fresh.has(accountId),
      fail: (item, code) => failMessage(this.writing, item, code),
      notEnrolled: options.notEnrolled,
      notThere: (id) => void endIfGone(this.reading, id).catch(failed),
      stalled: () => this.#connection?.replace(),
      failed,
    })
    this.#receipts = new Receipts({ ...context, conversations, failed })
    this.#preparing = new Retrying(() => this.#prepare(), failed)
    this.#upToDate = new UpToDate(() => context.updates.changed({ view: 'connection' }))
    this.#catchingUp = new Retrying(() => this.#upToDate.by(() => catchUp(this.reading)), failed)
    this.#meetingInviter = new Retrying(() => meetInviter(this.reading), failed)
    this.#keyWork = new KeyWork({
      account,
      ...parts,
      failed,
      ownChanged: () => this.#ownChanged(),
    })
  }

  #createReceive(): Receive {
    const { context } = this.options
    const records = this.#records
    const manifestSeen = (version: number) => this.#keyWork.manifestSeen(version)
    return createReceive({
      ...context,
      ...this.parts,
      open: createOpenEnvelopes({ ...context, ...this.parts, records, manifestSeen }),
      stored: (id, entries) => {
        this.timelines.stored(id, entries)
        this.#receipts.due()
      },
      behind: (id) => this.#timers.after(BEHIND_MS, () => this.#catchUpWith(id)),
    })
  }

  /** What reading conversations takes. */
  get reading(): HandleFrameDependencies {
    const { context, failed } = this.options
    return {
      ...context,
      ...this.parts,
      receive: this.receive,
      deliver: this.#deliver,
      receipts: this.#receipts,
      typing: this.typing,
      failed,
      followEra: (era) => this.#followEra(era),
      compare: (id, told) => this.#compare(id, told),
      ownChanged: () => this.#keyWork.wake('own'),
      boxChanged: (box, version) => this.#keyWork.boxSeen(box, version),
    }
  }

  /** What writing messages takes. */
  get writing(): SendDependencies {
    return { ...this.options.context, ...this.parts, wake: () => this.#deliver.wake() }
  }

  get receipts(): Receipts {
    return this.#receipts
  }

  get connection(): GatedConnection | undefined {
    return this.#connection
  }

  /** Whoever looks at a conversation learns of a changed key before writing. */
  lookedAt(id: ConversationId): void {
    const conversation = this.parts.conversations.get(id)
    if (!conversation || !this.#isConnected) return
    for (const accountId of othersIn(conversation)) this.#fresh.has(accountId)
  }

  /** Tries now instead of waiting for the next attempt; asks for what was missed. */
  reconnect(): void {
    if (!this.#connection) this.#preparing.start()
    else if (this.#isConnected) this.#catchingUp.start()
    else this.#connection.reconnect()
  }

  get connectionState(): ConnectionView['state'] {
    const state = this.#connection?.state ?? 'connecting'
    return state === 'online' && !this.#upToDate.is ? 'catching_up' : state
  }

  get #isConnected(): boolean {
    return this.#connection?.state === 'online'
  }

  /** Own keys were added: what did not open may open now. */
  retryAll(): void {
    for (const { id } of this.parts.conversations.all()) this.#retryUnopened(id)
  }

  /** A pin was decided here: what waited for it may go on, and the other devices learn it. */
  pinned(): void {
    this.#keyWork.wake('pins')
    this.#deliver.wake()
  }

  close(): void {
    this.#connection?.close()
    this.#timers.clear()
    this.#fresh.clear()
    this.#deliver.disconnected()
    this.#receipts.disconnected()
    this.typing.close()
    this.#stopWork()
  }

  #stopWork(): void {
    const work = [this.#preparing, this.#catchingUp, this.#keyWork, this.#records]
    for (const one of [...work, this.#meetingInviter]) one.stop()
  }

  /** What has to be done before this device may meet anybody: be enrolled, and know its pins. */
  async #prepare(): Promise<void> {
    await this.options.uploads()
    // Without the pins of the other devices everybody would be met for the first time.
    if (this.options.context.me().own.boxVersions.contacts === 0)
      await this.#keyWork.contactBox.sync()
    await followKeyChanges(this.writing)
    await adoptWaiting(this.writing)
    this.#connect()
  }

  #connect(): void {
    if (this.#connection) return
    const { network, account, context } = this.options
    this.#connection = new GatedConnection({
      ...network,
      tokens: account.tokens,
      proveLogIn: account.proveLogIn,
      random: account.random,
      now: context.now,
      isOwn: ({ accountId, deviceId }) => {
        const { login } = account.state.memory
        return accountId === login?.accountId && deviceId === login.deviceId
      },
      failed: this.options.failed,
      connected: () => {
        this.#fresh.clear()
        this.#upToDate.lost()
        this.#catchingUp.start()
        this.#lookAgain()
      },
      opened: (transmit) => {
        this.#deliver.connected(transmit)
        this.#receipts.connected(transmit)
        this.#keyWork.start()
        this.#records.start()
        this.#meetingInviter.start()
        for (const id of this.timelines.watched()) this.lookedAt(id)
      },
      shut: () => {
        this.#deliver.disconnected()
        this.#receipts.disconnected()
        this.#keyWork.stop()
      },
      disconnected: () => {
        this.#timers.clear()
        this.#stopWork()
      },
      received: (frame) => {
        handleFrame(this.reading, frame).catch((error: unknown) => this.#frameFailed(error))
      },
      recorded: (direction, frame, text) => this.frames.note(direction, frame, text),
      changed: () => context.updates.changed({ view: 'connection' }),
    })
    context.updates.changed({ view: 'connection' })
  }

  async #compare(id: ConversationId, told: Conversation | undefined): Promise<void> {
    const cut = (cutId: ConversationId, afterSeq: number) => this.timelines.cut(cutId, afterSeq)
    const deps = { ...this.reading, ...this.parts, cut }
    await this.#comparing(id, () => windBack(deps, id, told))
    this.#deliver.wake()
  }

  /** The first answer on a connection says whether the server stands where this device knows it. */
  async #followEra(era: string): Promise<boolean> {
    const deps = {
      ...this.reading,
      wound: () => this.#connection?.wound(),
      restoreOwn: () => this.#restoreOwn(era),
    }
    const isNew = await followEra(deps, era)
    if (this.#connection?.admit()) this.#catchingUp.start()
    return isNew
  }

  async #restoreOwn(era: string): Promise<void> {
    const { account } = this.options
    const { own } = account.state.me()
    await restoreOwn(account, this.#keyWork.contactBox, era)
    if (account.state.me().own !== own) this.#ownChanged()
  }

  #ownChanged(): void {
    this.options.ownChanged()
    this.retryAll()
  }

  #lookAgain(): void {
    const { random } = this.options.account
    this.#timers.after(LOOK_AGAIN_MS * (0.75 + random() / 2), () => {
      this.#catchingUp.start()
      this.#lookAgain()
    })
  }

  #catchUpWith(id: ConversationId): void {
    this.receive.catchUp(id, null).catch((error: unknown) => this.#frameFailed(error))
  }

  /** What a frame hinted at was not read: catching up reads it. */
  #frameFailed(error: unknown): void {
    this.options.failed(error)
    this.#upToDate.lost()
    if (this.#isConnected) this.#catchingUp.start()
  }

  #conversationChanged(id: ConversationId): void {
    this.#list.changed(id)
    this.timelines.changed(id)
    const conversation = this.parts.conversations.get(id)
    if (conversation && needsRsaKey(this.parts.protocols, conversation))
      this.#keyWork.wake('rsaKey')
    this.options.context.updates.changed({ view: 'conversations' })
  }

  #contactChanged(id: AccountId): void {
    const { updates, me } = this.options.context
    updates.changed({ view: 'contacts' })
    this.lookAlikes.contactChanged(id)
    if (id === me().accountId) this.retryAll()
    for (const conversation of this.parts.conversations.with(id)) {
      this.#conversationChanged(conversation.id)
      this.#retryUnopened(conversation.id)
    }
    if (this.parts.contacts.get(id)?.dirty) this.#keyWork.wake('pins')
  }

  #looksChanged(id: AccountId): void {
    const { updates } = this.options.context
    updates.changed({ view: 'contacts' })
    for (const conversation of this.parts.conversations.with(id)) {
      this.#list.changed(conversation.id)
      updates.changed({ view: 'conversations' })
    }
  }

  #keyChanged(id: AccountId): void {
    followKeyChange(this.writing, id).catch(this.options.failed)
    if (isSignedSuccessor(this.parts.contacts.get(id))) this.#catchingUp.start()
  }

  #retryUnopened(id: ConversationId): void {
    if (this.parts.conversations.get(id)?.window.unopened.length === 0) return
    this.receive.retryUnopened(id).catch(this.options.failed)
  }
}

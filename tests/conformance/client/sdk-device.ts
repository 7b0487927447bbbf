import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  ChatClient,
  type Commands,
  type Message,
  type SessionView,
  type TimelineNotice,
} from '@sotto/sdk'
import { openSqliteStorage } from '@sotto/sdk/node'
import * as password from '@sotto/sdk/password'
import type { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { eventually } from '../../network/eventually.ts'
import type {
  CommandAnswer,
  CommandInput,
  CommandName,
  Stage,
  TimelineItem,
} from './line-protocol.ts'

type Answers = { [C in CommandName]: (input: CommandInput<C>) => Promise<CommandAnswer<C>> }

/** One device of our SDK, with a method for each command of the line protocol. */
export class SdkDevice implements Answers {
  #client: ChatClient | undefined
  #challengeId = ''

  async hello(): Promise<CommandAnswer<'hello'>> {
    return { protocol: 1, client: '@sotto/sdk', lacks: [] }
  }

  async open({ origin, storage, deviceName }: CommandInput<'open'>) {
    mkdirSync(storage, { recursive: true })
    this.#client = await ChatClient.open({
      origin,
      deviceName,
      storage: openSqliteStorage(join(storage, 'sotto.db')),
      refreshIn: 'body',
      password,
      onError: (error) => console.error(error),
    })
    return {}
  }

  async close() {
    await this.#client?.close()
    this.#client = undefined
    return {}
  }

  async state(): Promise<CommandAnswer<'state'>> {
    const session = this.#session()
    const me = session.stage === 'ready' ? session.me : undefined
    return {
      stage: stageOf(session),
      accountId: me?.accountId ?? ('accountId' in session ? session.accountId : null),
      deviceId: me?.deviceId ?? null,
      online: this.#theClient.snapshot({ view: 'connection' })?.state === 'online',
      ownKeyReplaced: session.stage === 'ready' && session.warning === 'own_key_replaced',
      untrusted: (this.#theClient.snapshot({ view: 'doubt' })?.untrustedAt ?? null) !== null,
    }
  }

  async startPhone({ phone }: CommandInput<'startPhone'>) {
    this.#challengeId = (await this.#commands.startPhone(phone)).challengeId
    return {}
  }

  async verifyPhone({ code }: CommandInput<'verifyPhone'>) {
    await this.#commands.verifyPhone(this.#challengeId, code)
    return {}
  }

  async startEmail({ email }: CommandInput<'startEmail'>) {
    this.#challengeId = (await this.#commands.startEmail(email)).challengeId
    return {}
  }

  async verifyEmail({ code }: CommandInput<'verifyEmail'>) {
    await this.#commands.verifyEmail(this.#challengeId, code)
    return {}
  }

  async setPassword({ password }: CommandInput<'setPassword'>) {
    await this.#commands.setPassword(password)
    return {}
  }

  async logIn({ email, password }: CommandInput<'logIn'>) {
    await this.#commands.logIn(email, password)
    return {}
  }

  async createProfile({ name, withRsa }: CommandInput<'createProfile'>) {
    await this.#commands.createProfile({ name, picture: null, withRsa })
    return this.#confirmRecovery()
  }

  async unlock({ recoveryCode }: CommandInput<'unlock'>) {
    await this.#commands.unlockWithRecoveryCode(recoveryCode)
    return {}
  }

  async startWithNewKeys({ name }: CommandInput<'startWithNewKeys'>) {
    await this.#commands.startWithNewKeys({ name, picture: null })
    return this.#confirmRecovery()
  }

  async rename({ name }: CommandInput<'rename'>) {
    await this.#commands.updateProfile({ name, picture: null })
    return {}
  }

  async contacts() {
    const contacts = this.#theClient.snapshot({ view: 'contacts' }) ?? []
    return { contacts: contacts.map(({ accountId, name, trust }) => ({ accountId, name, trust })) }
  }

  async safetyNumber({ accountId }: CommandInput<'safetyNumber'>) {
    const { digits, changedDigits } = await this.#commands.safetyNumber(accountId as AccountId)
    return { digits, changedDigits }
  }

  async setVerified({ accountId, verified, seenDigits }: CommandInput<'setVerified'>) {
    await this.#commands.setVerified(accountId as AccountId, verified, seenDigits)
    return {}
  }

  async acceptChangedKey({ accountId, seenDigits }: CommandInput<'acceptChangedKey'>) {
    await this.#commands.acceptChangedKey(accountId as AccountId, seenDigits)
    return {}
  }

  async startConversation({ accountId, protocol }: CommandInput<'startConversation'>) {
    return {
      conversation: await this.#commands.startConversation(accountId as AccountId, protocol),
    }
  }

  async conversations() {
    const conversations = this.#theClient.snapshot({ view: 'conversations' }) ?? []
    return {
      conversations: conversations.map(({ id, protocol, participants: [other], state, unread }) => {
        return { id, protocol, peer: other?.accountId ?? '', state, unread }
      }),
    }
  }

  async answer({ conversation, answer }: CommandInput<'answer'>) {
    await this.#commands.answerRequest(conversation as ConversationId, answer)
    return {}
  }

  async send({ conversation, text }: CommandInput<'send'>) {
    return { message: await this.#commands.send(conversation as ConversationId, text) }
  }

  async retry({ conversation, message }: CommandInput<'retry'>) {
    await this.#commands.retry(conversation as ConversationId, message as EnvelopeId)
    return {}
  }

  async timeline({ conversation }: CommandInput<'timeline'>) {
    const conversationId = conversation as ConversationId
    const read = () => this.#theClient.snapshot({ view: 'timeline', conversationId })
    await eventually('the whole timeline', async () => {
      await this.#commands.loadOlder(conversationId)
      return read()?.hasOlder === false
    })
    return { items: (read()?.items ?? []).map(itemOf) }
  }

  async markRead({ conversation }: CommandInput<'markRead'>) {
    await this.#commands.markRead(conversation as ConversationId)
    return {}
  }

  async revoke({ deviceId }: CommandInput<'revoke'>) {
    const sessions = await this.#commands.listSessions()
    const session = sessions.find((one) => one.deviceId === (deviceId as DeviceId))
    if (session) await this.#commands.endSession(session.sessionId)
    return {}
  }

  async deviceStolen({ deviceId }: CommandInput<'deviceStolen'>) {
    await this.#commands.deviceStolen(deviceId as DeviceId)
    return this.#confirmRecovery()
  }

  get #theClient(): ChatClient {
    if (!this.#client) throw new Error('Send `open` first')
    return this.#client
  }

  get #commands(): Commands {
    return this.#theClient.commands
  }

  #session(): SessionView {
    return this.#theClient.snapshot({ view: 'session' }) ?? { stage: 'starting' }
  }

  /** Types the requested group, like a person who has written the code down. */
  async #confirmRecovery(): Promise<{ recoveryCode: string }> {
    const session = this.#session()
    if (session.stage !== 'confirm_recovery') throw new Error(`The session is ${session.stage}`)
    const { recoveryCode, askedGroup } = session
    await this.#commands.confirmRecovery(recoveryCode.split('-')[askedGroup - 1] ?? '')
    return { recoveryCode }
  }
}

function stageOf({ stage }: SessionView): Stage {
  if (stage === 'starting') return 'signed_out'
  if (stage === 'new_keys_wait') return 'locked'
  return stage === 'confirm_recovery' ? 'needs_profile' : stage
}

function itemOf(item: Message | TimelineNotice): TimelineItem {
  switch (item.kind) {
    case 'message': {
      const { kind, id, mine, text, seq, status, failure, content } = item
      if (content.type === 'unsupported' && seq !== null) {
        return { kind: 'unsupported', mine, seq, type: content.kind }
      }
      return { kind, id, mine, text, seq, status, failure }
    }
    case 'gap':
      return { kind: 'gap', count: item.count }
    case 'unreadable':
      return { kind: 'unreadable', seq: item.seq, reason: item.reason }
    default:
      return { kind: item.kind }
  }
}

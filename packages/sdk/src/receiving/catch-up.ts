import {
  type Conversation,
  type ConversationId,
  chatRequests,
  MAX_PAGE,
  type OpenedConversation,
} from '@sotto/wire'
import type { UnlockedContext } from '../account/state/unlocked-context.ts'
import { ClientError, codeOf, mayPass } from '../api/errors.ts'
import type { Contacts } from '../contacts/contacts.ts'
import { followSuccessions } from '../contacts/follow-successions.ts'
import { noteKeyChanges } from '../contacts/safety.ts'
import { othersIn } from '../conversations/conversation-record.ts'
import type { Conversations } from '../conversations/conversations.ts'
import { forEachAtOnce } from '../scheduling/serial.ts'
import { put } from '../storage/record-kind.ts'
import { CURSOR } from '../storage/records/account.ts'
import type { Asked, Questions } from '../transport/questions.ts'
import type { Receive } from './receive.ts'

const AT_ONCE = 8

export interface CatchUpDependencies extends UnlockedContext {
  readonly contacts: Contacts
  readonly conversations: Conversations
  readonly questions: Questions
  readonly receive: Receive
  /** Records the server's era. Returns whether everything has to be requested from the start. */
  readonly followEra: (era: string) => Promise<boolean>
  /**
   * Reconciles a conversation that was set aside with the server's answer about it, or with its absence. Does nothing
   * if that has been done in the meantime.
   */
  readonly compare: (id: ConversationId, told: Conversation | undefined) => Promise<void>
  /** An error that retrying can't fix and that concerns one conversation. */
  readonly onError: (error: unknown) => void
}

/**
 * Brings this device up to date: asks which conversations have changed since the last time, and reads their logs. The
 * cursor is stored only after everything on a page is stored, so that an interruption loses nothing. Throws errors that
 * may pass.
 */
export async function catchUp(deps: CatchUpDependencies): Promise<void> {
  for (let more = true; more; ) {
    const since = await deps.storage.load(CURSOR)
    const query = { limit: MAX_PAGE, ...(since !== undefined && { since }) }
    const asked = deps.questions.ask()
    const page = await deps.call(chatRequests.listChanges, { query })
    if (await deps.followEra(page.era)) continue
    await forEachAtOnce(page.conversations, AT_ONCE, (conversation) =>
      byItself(deps, () => applyChanged(deps, conversation, asked)),
    )
    await deps.storage.write([put(CURSOR, page.cursor)])
    more = page.more
  }
  const uncompared = [...deps.conversations.all()].filter(
    ({ membership }) => membership.aside === 'uncompared',
  )
  await forEachAtOnce(uncompared, AT_ONCE, ({ id }) => byItself(deps, () => compareAgain(deps, id)))
  const behind = [...deps.conversations.all()].filter(
    ({ window }) => window.newest < window.lastSeq,
  )
  await forEachAtOnce(behind, AT_ONCE, ({ id }) =>
    byItself(deps, () => deps.receive.catchUp(id, null)),
  )
  // The logs are complete up to now.
  await followSuccessions(deps)
}

/**
 * Applies a conversation from a page. If a later question was answered first, little of this answer counts; but the
 * cursor moves past it, and the page may be the newer answer, so the conversation is requested again.
 */
async function applyChanged(
  deps: CatchUpDependencies,
  told: Conversation,
  asked: Asked,
): Promise<void> {
  await learnConversation(deps, told, asked)
  if (deps.conversations.isOvertaken(told.id, asked)) await refreshConversation(deps, told.id)
}

/** Re-reads one conversation after a hint about it. If it isn't the expected one, nothing of the answer is used. */
export async function refreshConversation(
  deps: CatchUpDependencies,
  id: ConversationId,
  isExpected: (conversation: Conversation) => boolean = () => true,
): Promise<void> {
  const params = { conversationId: id }
  const asked = deps.questions.ask()
  const opened = await deps.call(chatRequests.getConversation, { params })
  const { conversation } = opened
  if (conversation.id !== id || !isExpected(conversation)) throw new ClientError('untrusted_answer')
  await learnOpened(deps, opened, asked)
}

/** Applies a conversation with the signed keys of all other participants: the whole answer or nothing. */
export async function learnOpened(
  deps: CatchUpDependencies,
  { conversation, accounts }: OpenedConversation,
  asked: Asked,
): Promise<void> {
  const others = new Set(deps.conversations.check(conversation))
  for (const account of accounts) {
    if (others.has(account.accountId)) await deps.contacts.learn(account, asked)
  }
  await learnConversation(deps, conversation, asked)
}

/** Retries a comparison that failed when the server was wound back. */
async function compareAgain(deps: CatchUpDependencies, id: ConversationId): Promise<void> {
  const asked = deps.questions.ask()
  try {
    const params = { conversationId: id }
    // Its accounts may be older than what is known here until their devices have come back.
    const { conversation } = await deps.call(chatRequests.getConversation, { params })
    if (conversation.id !== id) throw new ClientError('untrusted_answer')
    await learnConversation(deps, conversation, asked)
  } catch (error) {
    if (codeOf(error) !== 'conversation_not_found') throw error
    await deps.compare(id, undefined)
    if (!deps.conversations.load(id).membership.aside) await refreshConversation(deps, id)
  }
}

async function learnConversation(
  deps: CatchUpDependencies,
  told: Conversation,
  asked: Asked,
): Promise<void> {
  if (deps.conversations.get(told.id)?.membership.aside) {
    await deps.compare(told.id, told)
    if (deps.conversations.load(told.id).membership.aside) return
  }
  const before = deps.conversations.get(told.id)?.membership.protocol
  const conversation = await deps.conversations.learn(told, asked)
  const others = othersIn(conversation)
  for (const accountId of others) {
    await deps.contacts.ensure(accountId)
    await noteKeyChanges(deps, accountId)
  }
  await deps.receive.catchUp(told.id, told.lastEnvelope)
  const isOther = before !== undefined && before !== conversation.membership.protocol
  if (isOther) await deps.receive.retryUnopened(told.id)
  // The hint about a new name or new keys may have been lost.
  for (const { accountId, recordVersion } of told.participants) {
    if (others.includes(accountId)) await deps.contacts.refresh(accountId, recordVersion)
  }
}

/** One unreadable conversation must not keep the others from being read. */
async function byItself(deps: CatchUpDependencies, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (mayPass(error)) throw error
    deps.onError(error)
  }
}

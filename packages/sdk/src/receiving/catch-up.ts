import {
  type Conversation,
  type ConversationId,
  chatRequests,
  MAX_PAGE,
  type OpenedConversation,
} from '@sotto/wire'
import type { TalkContext } from '../account/state/talk-context.ts'
import { ClientError, codeOf, mayPass } from '../api/errors.ts'
import type { Contacts } from '../contacts/contacts.ts'
import { followSuccessions } from '../contacts/follow-successions.ts'
import { noteKeyChanges } from '../contacts/safety.ts'
import type { Conversations } from '../conversations/conversations.ts'
import { forEachAtOnce } from '../scheduling/serial.ts'
import { CURSOR, load, put } from '../storage/stored.ts'
import type { Asked, Questions } from '../transport/questions.ts'
import type { Receive } from './receive.ts'

const AT_ONCE = 8

export interface CatchUpDependencies extends TalkContext {
  readonly contacts: Contacts
  readonly conversations: Conversations
  readonly questions: Questions
  readonly receive: Receive
  /** Takes note of the server's era; whether everything has to be asked for anew. */
  readonly followEra: (era: string) => Promise<boolean>
  /**
   * Brings a conversation that was set aside in line with what the server says of it, or with its not
   * knowing it. Does nothing when that was done in the meantime.
   */
  readonly compare: (id: ConversationId, told: Conversation | undefined) => Promise<void>
  /** Something that does not pass by itself, and concerns one conversation. */
  readonly failed: (error: unknown) => void
}

/**
 * Brings this device up to date: asks which conversations have changed since it last asked, and reads
 * the logs of those. The cursor is kept only when all of a page is stored, so that nothing is missed
 * when it stops in the middle. Throws what may pass.
 */
export async function catchUp(deps: CatchUpDependencies): Promise<void> {
  for (let more = true; more; ) {
    const since = await load(deps.storage, CURSOR)
    const query = { limit: MAX_PAGE, ...(since !== undefined && { since }) }
    const asked = deps.questions.ask()
    const page = await deps.call(chatRequests.listChanges, { query })
    if (await deps.followEra(page.era)) continue
    await forEachAtOnce(page.conversations, AT_ONCE, (conversation) =>
      byItself(deps, () => takeChanged(deps, conversation, asked)),
    )
    await deps.storage.write([put(CURSOR, page.cursor)])
    more = page.more
  }
  const uncompared = [...deps.conversations.all()].filter(({ aside }) => aside === 'uncompared')
  await forEachAtOnce(uncompared, AT_ONCE, ({ id }) => byItself(deps, () => compareAgain(deps, id)))
  const behind = [...deps.conversations.all()].filter(({ newest, lastSeq }) => newest < lastSeq)
  await forEachAtOnce(behind, AT_ONCE, ({ id }) =>
    byItself(deps, () => deps.receive.catchUp(id, null)),
  )
  // The logs are here up to now.
  await followSuccessions(deps)
}

/**
 * Takes a conversation as a page has it. If a later question was answered first, little of that counts, but the
 * cursor is behind it, and perhaps the page is the newer answer: so it is asked for again.
 */
async function takeChanged(
  deps: CatchUpDependencies,
  told: Conversation,
  asked: Asked,
): Promise<void> {
  await takeConversation(deps, told, asked)
  if (deps.conversations.isOvertaken(told.id, asked)) await refreshConversation(deps, told.id)
}

/**
 * Reads one conversation anew, because something told of it. If it is not the expected one, nothing of
 * the answer is used.
 */
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
  await takeOpened(deps, opened, asked)
}

/** Takes a conversation with the signed keys of the peer: both, or nothing of the answer. */
export async function takeOpened(
  deps: CatchUpDependencies,
  { conversation, accounts }: OpenedConversation,
  asked: Asked,
): Promise<void> {
  const peer = deps.conversations.check(conversation)
  const account = accounts.find(({ accountId }) => accountId === peer)
  if (account) await deps.contacts.learn(account, asked)
  await takeConversation(deps, conversation, asked)
}

/** What could not be compared when the server was wound back. */
async function compareAgain(deps: CatchUpDependencies, id: ConversationId): Promise<void> {
  const asked = deps.questions.ask()
  try {
    const params = { conversationId: id }
    // Its accounts may be older than what is known here until their devices have come back.
    const { conversation } = await deps.call(chatRequests.getConversation, { params })
    if (conversation.id !== id) throw new ClientError('untrusted_answer')
    await takeConversation(deps, conversation, asked)
  } catch (error) {
    if (codeOf(error) !== 'conversation_not_found') throw error
    await deps.compare(id, undefined)
    if (!deps.conversations.load(id).aside) await refreshConversation(deps, id)
  }
}

async function takeConversation(
  deps: CatchUpDependencies,
  told: Conversation,
  asked: Asked,
): Promise<void> {
  if (deps.conversations.get(told.id)?.aside) {
    await deps.compare(told.id, told)
    if (deps.conversations.load(told.id).aside) return
  }
  const before = deps.conversations.get(told.id)?.protocol
  const { peer, protocol } = await deps.conversations.take(told, asked)
  await deps.contacts.ensure(peer)
  await noteKeyChanges(deps, peer)
  await deps.receive.catchUp(told.id, told.lastEnvelope)
  if (before !== undefined && before !== protocol) await deps.receive.retryUnopened(told.id)
  // The hint that told of a new name or new keys may have been lost.
  const published = told.participants.find(({ accountId }) => accountId === peer)
  await deps.contacts.refresh(peer, published?.recordVersion)
}

/** One conversation that cannot be read must not keep the others from being read. */
async function byItself(deps: CatchUpDependencies, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (mayPass(error)) throw error
    deps.failed(error)
  }
}

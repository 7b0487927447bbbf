import { answerRequest, refreshWith, startConversation } from '../commands/conversation-commands.ts'
import { peopleCommands } from '../commands/people.ts'
import { acceptChangedKey, safetyNumber, setUnverified, setVerified } from '../contacts/safety.ts'
import type { CatchUpDependencies } from '../receiving/catch-up.ts'
import { serverView } from '../receiving/server-view.ts'
import { discardMessage, retryMessage, sendMessage } from '../sending/send.ts'
import type { Talk } from './talk.ts'
import type { TalkCommands } from './talk-command-names.ts'

/** All commands, bound to `talk`. */
export function talkCommands(talk: Talk): TalkCommands {
  const people = () => peopleCommands({ ...talk.options.context, ...talk.parts })
  const safety = () => ({ ...talk.options.context, ...talk.parts })
  const reading = (): CatchUpDependencies => talk.reading
  return {
    findByPhone: async (phone) => people().findByPhone(phone),
    findByEmail: async (email) => people().findByEmail(email),
    listPeople: async (name, after) => people().listPeople(name, after),
    listBlocked: async () => people().listBlocked(),
    unblock: async (accountId) => {
      await people().unblock(accountId)
      await refreshWith(reading(), accountId)
    },
    safetyNumber: async (accountId) => safetyNumber(safety(), accountId),
    setVerified: async (accountId, verified, seenDigits) => {
      if (verified) await setVerified(safety(), accountId, seenDigits ?? '')
      else await setUnverified(safety(), accountId)
      talk.pinned()
    },
    acceptChangedKey: async (...decision) => {
      await acceptChangedKey(safety(), ...decision)
      talk.pinned()
    },
    startConversation: async (others, protocol) => {
      const id = await startConversation(reading(), [others].flat(), protocol)
      talk.pinned()
      return id
    },
    answerRequest: async (id, answer) => {
      await answerRequest(reading(), id, answer)
      talk.receipts.due()
      talk.pinned()
    },
    send: async (id, content, message) => {
      const sent =
        typeof content === 'string' ? ({ type: 'text', text: content } as const) : content
      return sendMessage(talk.writing, id, sent, message)
    },
    retry: async (id, message) => retryMessage(talk.writing, id, message),
    discard: async (id, message) => discardMessage(talk.writing, id, message),
    saveDraft: async (id, text) => talk.parts.drafts.save(id, text),
    markRead: async (id) => talk.receipts.markRead(id),
    loadOlder: async (id) => talk.timelines.loadOlder(id),
    announceTyping: async (id) => {
      const transmit = talk.connection?.transmit
      if (transmit) talk.typing.announce(id, transmit)
    },
    serverView: async (id, message) => {
      const { options, parts, frames } = talk
      return serverView({ ...options.context, outbox: parts.outbox, frames }, id, message)
    },
  }
}

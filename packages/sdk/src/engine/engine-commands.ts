import { answerRequest, refreshWith, startConversation } from '../commands/conversation-commands.ts'
import { peopleCommands } from '../commands/people.ts'
import { acceptChangedKey, safetyNumber, setUnverified, setVerified } from '../contacts/safety.ts'
import { serverView } from '../receiving/server-view.ts'
import { discardMessage, retryMessage, sendMessage } from '../sending/send.ts'
import type { EngineCommands } from './engine-command-names.ts'
import type { Wired } from './wire-parts.ts'

/** All commands of an unlocked device. */
export function engineCommands({ parts, link, changes }: Wired): EngineCommands {
  const people = peopleCommands(parts)
  return {
    ...people,
    unblock: async (accountId) => {
      await people.unblock(accountId)
      await refreshWith(parts, accountId)
    },
    safetyNumber: async (accountId) => safetyNumber(parts, accountId),
    setVerified: async (accountId, verified, seenDigits) => {
      if (verified) await setVerified(parts, accountId, seenDigits ?? '')
      else await setUnverified(parts, accountId)
      changes.pinned()
    },
    acceptChangedKey: async (...decision) => {
      await acceptChangedKey(parts, ...decision)
      changes.pinned()
    },
    startConversation: async (others, protocol) => {
      const id = await startConversation(parts, [others].flat(), protocol)
      changes.pinned()
      return id
    },
    answerRequest: async (id, answer) => {
      await answerRequest(parts, id, answer)
      parts.receipts.due()
      changes.pinned()
    },
    send: async (id, content, message) => {
      const sent =
        typeof content === 'string' ? ({ type: 'text', text: content } as const) : content
      return sendMessage(parts, id, sent, message)
    },
    retry: async (id, message) => retryMessage(parts, id, message),
    discard: async (id, message) => discardMessage(parts, id, message),
    saveDraft: async (id, text) => parts.drafts.save(id, text),
    markRead: async (id) => parts.receipts.markRead(id),
    loadOlder: async (id) => parts.timelines.loadOlder(id),
    announceTyping: async (id) => parts.typing.announce(id, link.transmit),
    serverView: async (id, message) => serverView(parts, id, message),
  }
}

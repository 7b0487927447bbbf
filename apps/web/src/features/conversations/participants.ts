import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import type { ContactView, ConversationSummary, ParticipantView } from '@sotto/sdk'
import type { AccountId } from '@sotto/wire'

/** What screens derive from the participants of a conversation, whether there is one other person or several. */

type Trust = ContactView['trust']

/** The names of everyone else, as a list in the language of the app. */
export function titleOf({ participants }: ConversationSummary): string {
  return nameList().format(participants.map(({ name }) => name))
}

/** How the app joins names into a list. */
export const nameList = (): Intl.ListFormat =>
  new Intl.ListFormat(i18n.locale, { type: 'conjunction' })

/** The name of a participant. */
export function nameIn({ participants }: ConversationSummary, accountId: AccountId): string {
  return participants.find((one) => one.accountId === accountId)?.name ?? t`Someone`
}

/** `key_changed` if that is true of anyone, `verified` only if everyone is. */
export function trustIn({ participants }: ConversationSummary): Trust {
  if (participants.some(({ trust }) => trust === 'key_changed')) return 'key_changed'
  return participants.every(({ trust }) => trust === 'verified') ? 'verified' : 'unverified'
}

/** The only other participant; undefined if there are several. */
export function onlyOther({ participants }: ConversationSummary): ParticipantView | undefined {
  return participants.length === 1 ? participants[0] : undefined
}

/** Who sent a request: someone who has accepted the conversation. */
export function askersIn({ participants }: ConversationSummary): readonly ParticipantView[] {
  const accepted = participants.filter(({ state }) => state === 'accepted')
  return accepted.length > 0 ? accepted : participants
}

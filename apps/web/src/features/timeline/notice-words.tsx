import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary, TimelineNotice, UnreadableReason } from '@sotto/sdk'
import type { ReactNode } from 'react'
import { PersonName } from '../../ui/people/person-name.tsx'
import { nameIn } from '../conversations/participants.ts'
import { PeopleNames } from '../conversations/people-names.tsx'

export interface NoticeWords {
  /** A sentence. */
  readonly what: ReactNode
  readonly next: ReactNode
  readonly isAlarm: boolean
}

type Unreadable = (count: number) => Omit<NoticeWords, 'isAlarm'>

const refused = (count: number) =>
  plural(count, { one: 'A message was refused.', other: '# messages were refused.' })

const unreadable: Record<UnreadableReason, Unreadable> = {
  cannot_decrypt: (count) => ({
    what: plural(count, {
      one: 'A message couldn’t be opened.',
      other: '# messages couldn’t be opened.',
    }),
    next: t`Not encrypted with your keys, or changed in transit.`,
  }),
  misplaced: (count) => ({
    what: refused(count),
    next: t`Meant for another place, then moved here by someone.`,
  }),
  replayed: (count) => ({
    what: refused(count),
    next: t`The server tried to show something again that was already here.`,
  }),
  unknown_device: (count) => ({
    what: refused(count),
    next: t`The sending device isn’t confirmed by its owner.`,
  }),
  key_lost: (count) => ({
    what: plural(count, {
      one: 'A message stays locked.',
      other: '# messages stay locked.',
    }),
    next: t`Written for keys you no longer have.`,
  }),
}

/** The words for a notice that appears `count` times in a row in this conversation. */
export function noticeWords(
  notice: TimelineNotice,
  count: number,
  conversation: ConversationSummary,
): NoticeWords {
  const name = <Subject notice={notice} conversation={conversation} />
  switch (notice.kind) {
    case 'gap':
      return { ...gap(notice, name), isAlarm: true }
    case 'out_of_order':
      return {
        what: t`Messages are out of order.`,
        next: t`The server shows the next message later than it was sent.`,
        isAlarm: true,
      }
    case 'not_written_here':
      return {
        what: t`The next message wasn’t written on this device.`,
        next: (
          <Trans>
            It claims to be, but this device doesn’t know it. In the “ecdh” protocol, {name} could
            have made it.
          </Trans>
        ),
        isAlarm: true,
      }
    case 'keys_renewed':
      return {
        what: <Trans>{name} has new keys from here on.</Trans>,
        next: notice.isVerified
          ? t`They signed the new keys with their old ones, so they’re still verified.`
          : t`They signed the new keys with their old ones. You haven’t compared safety numbers with them yet.`,
        isAlarm: false,
      }
    case 'key_changed':
      return {
        what: <Trans>{name}’s key changed here.</Trans>,
        next: t`They may have started with new keys. Compare safety numbers to be sure it’s them.`,
        isAlarm: false,
      }
    case 'unreadable':
      return { ...unreadable[notice.reason](count), isAlarm: notice.reason !== 'key_lost' }
  }
}

/** The person a notice is about, or everyone else if it could be anyone. */
function Subject({
  notice,
  conversation,
}: {
  notice: TimelineNotice
  conversation: ConversationSummary
}) {
  if ('accountId' in notice) return <PersonName name={nameIn(conversation, notice.accountId)} />
  if ('sender' in notice) return <PersonName name={nameIn(conversation, notice.sender)} />
  return <PeopleNames people={conversation.participants} />
}

type Gap = Extract<TimelineNotice, { kind: 'gap' }>

const gap = ({ count, mine }: Gap, name: ReactNode): Omit<NoticeWords, 'isAlarm'> => ({
  what: plural(count, {
    one: 'A message is missing here.',
    other: '# messages are missing here.',
  }),
  next: mine ? (
    t`The server hasn’t shown everything you wrote.`
  ) : (
    <Trans>The server hasn’t shown everything {name} wrote.</Trans>
  ),
})

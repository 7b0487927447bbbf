import type { TimelineNotice, UnreadableReason } from '@sotto/sdk'
import type { ReactNode } from 'react'
import { PersonName } from '../../ui/person-name.tsx'

export interface NoticeWords {
  readonly what: ReactNode
  readonly next: ReactNode
  readonly isAlarm: boolean
}

type Unreadable = (count: number) => Omit<NoticeWords, 'isAlarm'>

const messages = (count: number) => (count === 1 ? 'A message' : `${count} messages`)
const refused = (count: number) => `${messages(count)} ${count === 1 ? 'was' : 'were'} refused`

const unreadable: Record<UnreadableReason, Unreadable> = {
  cannot_decrypt: (count) => ({
    what: `${messages(count)} could not be opened`,
    next: 'Not written with the keys of the two of you, or changed on the way.',
  }),
  misplaced: (count) => ({
    what: refused(count),
    next: 'Written for another place: somebody has moved it here.',
  }),
  replayed: (count) => ({
    what: refused(count),
    next: 'The server showed for a second time what was here already.',
  }),
  unknown_device: (count) => ({
    what: refused(count),
    next: 'The device that sent it is not confirmed by its owner.',
  }),
  key_lost: (count) => ({
    what: `${messages(count)} ${count === 1 ? 'stays' : 'stay'} closed`,
    next: 'Written for keys that you no longer have.',
  }),
}

/** What a notice says, `count` times in a row, to somebody who writes with `peer`. */
export function noticeWords(notice: TimelineNotice, count: number, peer: string): NoticeWords {
  switch (notice.kind) {
    case 'gap':
      return {
        what:
          notice.count === 1
            ? 'A message is missing here'
            : `${notice.count} messages are missing here`,
        next: (
          <>
            {notice.mine ? 'You' : <PersonName name={peer} />} wrote more than the server has shown.
          </>
        ),
        isAlarm: true,
      }
    case 'out_of_order':
      return {
        what: 'Not in the order in which it was written',
        next: 'The server shows the next message later than it was sent.',
        isAlarm: true,
      }
    case 'not_written_here':
      return {
        what: 'The next message was not written on this device',
        next: (
          <>
            It says so, but this device does not know it. In protocol “ecdh”,{' '}
            <PersonName name={peer} /> could have made it.
          </>
        ),
        isAlarm: true,
      }
    case 'keys_renewed':
      return {
        what: (
          <>
            <PersonName name={peer} /> has new keys here
          </>
        ),
        next: notice.isVerified
          ? 'Their former keys have signed for the new ones, so they are still verified.'
          : 'Their former keys have signed for the new ones. You have not compared the safety number with them yet.',
        isAlarm: false,
      }
    case 'key_changed':
      return {
        what: (
          <>
            <PersonName name={peer} />
            ’s key changed here
          </>
        ),
        next: 'They may have started with new keys. Compare safety numbers to be sure who it is.',
        isAlarm: false,
      }
    case 'unreadable':
      return { ...unreadable[notice.reason](count), isAlarm: notice.reason !== 'key_lost' }
  }
}

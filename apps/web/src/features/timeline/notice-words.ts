import type { TimelineNotice, UnreadableReason } from '@sotto/sdk'

export interface NoticeWords {
  readonly what: string
  readonly next: string
  readonly isAlarm: boolean
}

const unreadable: Record<UnreadableReason, Omit<NoticeWords, 'isAlarm'>> = {
  cannot_decrypt: {
    what: 'A message could not be opened',
    next: 'It was not written with the keys of the two of you, or was changed on its way.',
  },
  misplaced: {
    what: 'A message was refused',
    next: 'It was written for another place: somebody has moved it here.',
  },
  replayed: {
    what: 'A message was refused',
    next: 'The server showed a message for a second time.',
  },
  unknown_device: {
    what: 'A message was refused',
    next: 'The device that sent it is not confirmed by its owner.',
  },
  key_lost: {
    what: 'A message stays closed',
    next: 'It was written for keys that you no longer have.',
  },
}

/** What a notice says, to somebody who writes with `peer`. */
export function noticeWords(notice: TimelineNotice, peer: string): NoticeWords {
  switch (notice.kind) {
    case 'gap':
      return {
        what:
          notice.count === 1
            ? 'A message is missing here'
            : `${notice.count} messages are missing here`,
        next: `${notice.mine ? 'You' : peer} wrote more than the server has shown.`,
        isAlarm: true,
      }
    case 'out_of_order':
      return {
        what: 'Not in the order in which it was written',
        next: 'The server shows the next message later than it was sent.',
        isAlarm: true,
      }
    case 'key_changed':
      return {
        what: `The key of ${peer} changed here`,
        next: 'That happens on a new start without a recovery code. Compare safety numbers to be sure who it is.',
        isAlarm: false,
      }
    case 'unreadable':
      return { ...unreadable[notice.reason], isAlarm: notice.reason !== 'key_lost' }
  }
}

import { defineStateTable } from '../state-tables/define-state-table.ts'
import type { OutboxItem } from '../storage/records/log.ts'

/** The states of an outgoing message until it's in this device's log. */
export type ItemState =
  /** Sealed, but not stored yet. */
  | 'written'
  | 'waiting'
  /** The server has accepted it, but the log here hasn't reached it. */
  | 'accepted'
  /** Waits again: the server had accepted it and has lost it. */
  | 'lost'
  /** It is sent again only if the person asks for it. */
  | 'failed'
  | 'in_log'
  | 'discarded'

export type ItemEvent =
  | 'add'
  /** The server says that it has accepted the message. */
  | 'accept'
  /** The log has it. */
  | 'arrive'
  /** The log has something else at the place where the server said it accepted the message. */
  | 'miss'
  /** The server refuses it, or the contact has another key. */
  | 'fail'
  /** The person wants it sent again, or this device has other keys or another id. */
  | 'seal_again'
  /** The server was wound back, perhaps to before it accepted the message. */
  | 'lose'
  | 'discard'

/** The states of an outbox item. */
export const OUTBOX_ITEM = defineStateTable<ItemState, ItemEvent>({
  initial: 'written',
  final: ['discarded'],
  transitions: {
    written: { add: 'waiting' },
    waiting: {
      accept: 'accepted',
      arrive: 'in_log',
      fail: 'failed',
      seal_again: 'waiting',
      lose: 'lost',
      discard: 'discarded',
    },
    accepted: {
      accept: 'accepted',
      arrive: 'in_log',
      miss: 'failed',
      fail: null,
      seal_again: null,
      lose: 'lost',
      discard: null,
    },
    lost: {
      accept: 'accepted',
      arrive: 'in_log',
      fail: 'failed',
      seal_again: 'lost',
      lose: 'lost',
      discard: 'discarded',
    },
    failed: {
      // The verdict was on its way when the message failed here.
      accept: 'accepted',
      arrive: 'in_log',
      fail: null,
      seal_again: 'waiting',
      lose: 'lost',
      discard: 'discarded',
    },
    in_log: { lose: 'lost' },
    discarded: {},
  },
})

/** The state of an item in the outbox. */
export function stateOfItem({ state, accepted, wasAccepted }: OutboxItem): ItemState {
  if (state === 'failed') return 'failed'
  if (accepted) return 'accepted'
  return wasAccepted ? 'lost' : 'waiting'
}

/** Whether the event has any effect on an item. */
export function mayMove(item: OutboxItem, event: ItemEvent): boolean {
  return OUTBOX_ITEM.next(stateOfItem(item), event) !== null
}

/** The item as stored in a state, with the data that goes with it. */
export function itemIn(
  next: ItemState,
  item: OutboxItem,
  { failure = null, accepted = null }: Partial<Pick<OutboxItem, 'failure' | 'accepted'>> = {},
): OutboxItem {
  const state = next === 'failed' ? 'failed' : 'waiting'
  const { wasAccepted, ...others } = item
  const hasBeenAccepted = next === 'lost' || (next !== 'waiting' && wasAccepted)
  return { ...others, state, failure, accepted, ...(hasBeenAccepted && { wasAccepted: true }) }
}

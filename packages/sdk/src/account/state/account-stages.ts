import { defineStateTable } from '../../state-tables/define-state-table.ts'

/** The log-in of this device. It may end and go on without anything happening to the keys. */
export type LogInState =
  /** Nobody has logged in here, or everything was erased. */
  | 'none'
  /** The same, and the browser's cookie shows that what was stored here is gone. */
  | 'storage_lost'
  | 'open'
  /** The server is told. Whatever it says of the session's end meanwhile, the person ended it. */
  | 'logging_out'
  | 'logged_out'
  /** The server has ended the session. */
  | 'ended'
  /** The server has lost the session or the account, and may find it again. */
  | 'lost'
  /** The server is asked whether a lost session goes on. */
  | 'asking'

export type LogInEvent =
  /** The cookie of this browser works, and what belongs to it is gone. */
  | 'find_cookie'
  | 'log_in'
  | 'told_of_end'
  | 'told_of_loss'
  /** The person begins to log out. */
  | 'leave'
  /** Logging out has failed. */
  | 'stay'
  | 'log_out'
  /** Everything on this device is erased. */
  | 'forget'
  | 'ask'
  | 'goes_on'
  | 'still_lost'
  | 'is_over'

/** What has ended already does not end again, and has nothing to log out of. */
const over = { told_of_end: null, told_of_loss: null, ask: null, leave: null, stay: null } as const

/** The log-in. What ends it stays stored, and waits for the same account to log in again. */
export const LOG_IN = defineStateTable<LogInState, LogInEvent>({
  initial: 'none',
  final: [],
  transitions: {
    none: { ...over, find_cookie: 'storage_lost', log_in: 'open', log_out: null, forget: 'none' },
    storage_lost: { ...over, log_in: 'open', log_out: 'none', forget: 'none' },
    open: {
      log_in: 'open',
      told_of_end: 'ended',
      told_of_loss: 'lost',
      leave: 'logging_out',
      stay: null,
      ask: null,
    },
    logging_out: {
      told_of_end: null,
      told_of_loss: null,
      stay: 'open',
      log_out: 'logged_out',
      forget: 'none',
    },
    logged_out: { ...over, log_in: 'open', log_out: null, forget: 'none' },
    ended: { ...over, log_in: 'open', log_out: null, forget: 'none' },
    lost: {
      ...over,
      log_in: 'open',
      ask: 'asking',
      still_lost: null,
      log_out: 'logged_out',
      forget: 'none',
    },
    // The answer counts, and not what is told beside it.
    asking: {
      told_of_end: null,
      told_of_loss: null,
      goes_on: 'open',
      still_lost: 'lost',
      is_over: 'ended',
    },
  },
})

/** How far this device is with the keys of the account. */
export type Stage =
  /** It has not been asked yet what the server has of the account. */
  | 'unknown'
  /** The account has no keys yet. */
  | 'needs_profile'
  /** The account has keys, and nothing here opens them. */
  | 'locked'
  /** New keys were made here, and the server lets them wait. */
  | 'new_keys_wait'
  /** Keys were made here, and their recovery code is not confirmed yet. */
  | 'confirm_recovery'
  | 'ready'

export type StageEvent =
  /** A log-in on a device that has no keys of the account. */
  | 'start_over'
  | 'nothing_published'
  | 'keys_published'
  /** Something opens the keys, or keys that were set aside count again. */
  | 'unlock'
  | 'make_keys'
  /** The keys of a device that is ready are replaced by new ones, because a device was stolen. */
  | 'renew_keys'
  | 'wait'
  /** The wait of new keys is over. */
  | 'count'
  /** The server counts other keys, or stored ones are damaged. */
  | 'set_aside'
  /** The recovery code was written down: the first one of keys, or a new one. */
  | 'confirm'
  | 'renew_code'

/** Another look at what the server has was faster. */
const known = { nothing_published: null, keys_published: null } as const
/** Nothing is made here that could wait. */
const noNewKeys = { wait: null, count: null } as const

/** The stages of the account on this device. */
export const STAGE = defineStateTable<Stage, StageEvent>({
  initial: 'unknown',
  final: [],
  transitions: {
    unknown: {
      ...noNewKeys,
      start_over: 'unknown',
      nothing_published: 'needs_profile',
      keys_published: 'locked',
      unlock: 'ready',
      set_aside: null,
    },
    needs_profile: {
      ...known,
      ...noNewKeys,
      start_over: 'unknown',
      // Another device has made the keys.
      unlock: 'ready',
      make_keys: 'confirm_recovery',
      set_aside: null,
    },
    locked: {
      ...known,
      ...noNewKeys,
      start_over: 'unknown',
      unlock: 'ready',
      make_keys: 'confirm_recovery',
      set_aside: null,
    },
    new_keys_wait: {
      ...known,
      start_over: 'unknown',
      unlock: null,
      wait: 'new_keys_wait',
      count: 'confirm_recovery',
      set_aside: 'unknown',
    },
    confirm_recovery: {
      ...known,
      start_over: 'unknown',
      unlock: null,
      wait: 'new_keys_wait',
      count: null,
      set_aside: 'unknown',
      confirm: 'ready',
    },
    ready: {
      ...known,
      ...noNewKeys,
      start_over: 'unknown',
      unlock: null,
      renew_keys: 'confirm_recovery',
      set_aside: 'unknown',
      confirm: 'ready',
      renew_code: 'ready',
    },
  },
})

import { defineStateTable } from '../../state-tables/define-state-table.ts'

/** This device's log-in. It may end and resume without affecting the keys. */
export type LogInState =
  /** Nobody has logged in here, or everything was erased. */
  | 'none'
  /** The same, but the browser's cookie shows that stored data was lost. */
  | 'storage_lost'
  | 'open'
  /** The server is being told. Even if it reports the session's end in the meantime, the person ended it. */
  | 'logging_out'
  | 'logged_out'
  /** The server has ended the session. */
  | 'ended'
  /** The server has lost the session or the account, and may find it again. */
  | 'lost'
  /** The server is being asked whether a lost session is still valid. */
  | 'asking'

export type LogInEvent =
  /** This browser's cookie works, but the data that belongs to it is missing. */
  | 'find_cookie'
  | 'log_in'
  | 'told_of_end'
  | 'told_of_loss'
  /** The person starts to log out. */
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

/** A finished session doesn't end again, and there's nothing to log out of. */
const over = { told_of_end: null, told_of_loss: null, ask: null, leave: null, stay: null } as const

/** After the log-in has ended, its data stays stored until the same account logs in again. */
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
    // Only the answer to the question counts; other reports are ignored.
    asking: {
      told_of_end: null,
      told_of_loss: null,
      goes_on: 'open',
      still_lost: 'lost',
      is_over: 'ended',
    },
  },
})

/** This device's progress with the account's keys. */
export type Stage =
  /** The server hasn't yet been asked what it has of the account. */
  | 'unknown'
  /** The account has no keys yet. */
  | 'needs_profile'
  /** The account has keys, but nothing here opens them. */
  | 'locked'
  /** New keys were made here, and the server makes them wait. */
  | 'new_keys_wait'
  /** Keys were made here, and their recovery code isn't confirmed yet. */
  | 'confirm_recovery'
  | 'ready'

export type StageEvent =
  /** A log-in on a device that has no keys of the account. */
  | 'start_over'
  | 'nothing_published'
  | 'keys_published'
  /** Something opens the keys, or keys that were set aside are valid again. */
  | 'unlock'
  | 'make_keys'
  /** New keys replace those of a ready device, because a device was stolen. */
  | 'renew_keys'
  | 'wait'
  /** The wait for new keys is over. */
  | 'count'
  /** The server recognizes other keys, or the stored ones are damaged. */
  | 'set_aside'
  /** The person wrote down the recovery code, either the first one or a new one. */
  | 'confirm'
  | 'renew_code'

/** Another check of the server was faster. */
const known = { nothing_published: null, keys_published: null } as const
/** No keys were made here that could be waiting. */
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

import { ClientError } from '../../api/errors.ts'
import type { EndReason, Login } from '../../storage/records/account.ts'
import type { AccountMemory } from './account-memory.ts'
import type { LogInEvent, LogInState, Stage } from './account-stages.ts'

/** How the account's states are stored. */

export interface AccountStates {
  readonly logIn: LogInState
  readonly stage: Stage
}

/** The stored data of a log-in besides its states. */
export type LoginDetails = Omit<Login, 'ended' | 'standing' | 'newKeysDueAt'>

/** The data to store with an event. `undefined` removes. */
export interface AccountChanges extends Partial<Omit<AccountMemory, 'login'>> {
  /** The other log-in data to store: a new log-in's, or an update of the existing one. */
  readonly login?: LoginDetails | ((before: Login) => LoginDetails)
  /** Why the session is over. */
  readonly reason?: EndReason
  /** When the waiting keys take effect. */
  readonly dueAt?: number
}

/** An unfinished operation is stored as the state before it, so a crash undoes it. */
const STORED_AS: Readonly<Partial<Record<LogInState, LogInState>>> = {
  storage_lost: 'none',
  logging_out: 'open',
  asking: 'lost',
}

/** Whether the server may still find what it has lost: it may have been asked before its backup was restored. */
export const isLoss = (ended: Login['ended']) =>
  ended === 'account_gone' || ended === 'session_lost'

/** The event for a session that the server reports as over. */
export function endFor(reason: EndReason): Extract<LogInEvent, 'told_of_end' | 'told_of_loss'> {
  return isLoss(reason) ? 'told_of_loss' : 'told_of_end'
}

/** The stored state of the log-in. */
export function storedLogIn({ login }: Pick<AccountMemory, 'login'>): LogInState {
  if (!login) return 'none'
  const { ended } = login
  if (ended === null) return 'open'
  if (ended === 'logged_out') return 'logged_out'
  return isLoss(ended) ? 'lost' : 'ended'
}

/** The stored stage. */
export function storedStage({
  login,
  pendingCode,
}: Pick<AccountMemory, 'login' | 'pendingCode'>): Stage {
  if (!login) return 'unknown'
  const { standing, newKeysDueAt } = login
  if (standing !== 'unlocked') return standing
  if (pendingCode?.purpose !== 'setup') return 'ready'
  return newKeysDueAt === undefined ? 'confirm_recovery' : 'new_keys_wait'
}

/**
 * The changes to store for the states `to`, with `changes`. Throws `internal` if the changes don't fit the states, and
 * `unauthenticated` if everything was erased in the meantime.
 */
export function changesInto(
  to: AccountStates,
  memory: AccountMemory,
  { login: change, reason, dueAt, ...others }: AccountChanges,
): Partial<AccountMemory> {
  const before = memory.login
  const details = typeof change === 'function' ? before && change(before) : (change ?? before)
  if (!details && to.stage !== 'unknown') throw new ClientError('unauthenticated')
  const login = details && loginIn(to, before, details, { reason, dueAt })
  const stored = { ...memory, ...others, login }
  const isRight =
    storedLogIn(stored) === (STORED_AS[to.logIn] ?? to.logIn) && storedStage(stored) === to.stage
  if (!isRight) throw new ClientError('internal', { ...to })
  return { ...others, ...(login !== before && { login }) }
}

/** The other log-in data to store on a device that was locked until now. */
export function whenUnlocked(login: Login): LoginDetails {
  const { newKeysStopped: _, renewed: __, ...kept } = login
  return { ...kept, ways: [] }
}

/** The log-in in these states; `before` itself if nothing changes. */
function loginIn(
  { logIn, stage }: AccountStates,
  before: Login | undefined,
  details: LoginDetails,
  {
    reason,
    dueAt,
  }: Pick<{ [K in keyof AccountChanges]: AccountChanges[K] | undefined }, 'reason' | 'dueAt'>,
): Login {
  const ended = endedIn(logIn, reason ?? before?.ended ?? null)
  const standing = standingIn(stage)
  const newKeysDueAt = stage === 'new_keys_wait' ? (dueAt ?? before?.newKeysDueAt) : undefined
  const isSame =
    details === before &&
    before.ended === ended &&
    before.standing === standing &&
    before.newKeysDueAt === newKeysDueAt
  if (isSame) return before
  // A session that may come back keeps its token.
  const refreshToken = ended === null || isLoss(ended) ? details.refreshToken : null
  const { newKeysDueAt: _, ...rest }: LoginDetails & Pick<Login, 'newKeysDueAt'> = details
  return {
    ...rest,
    refreshToken,
    ended,
    standing,
    ...(newKeysDueAt !== undefined && { newKeysDueAt }),
  }
}

function endedIn(logIn: LogInState, reason: Login['ended']): Login['ended'] {
  if (logIn === 'open') return null
  return logIn === 'logged_out' ? 'logged_out' : reason
}

function standingIn(stage: Stage): Login['standing'] {
  return stage === 'unknown' || stage === 'needs_profile' || stage === 'locked' ? stage : 'unlocked'
}

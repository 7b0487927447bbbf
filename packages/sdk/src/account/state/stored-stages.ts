import { ClientError } from '../../api/errors.ts'
import type { EndReason, Login } from '../../storage/records/account.ts'
import type { AccountMemory } from './account-memory.ts'
import type { LogInEvent, LogInState, Stage } from './account-stages.ts'

/** How the states of the account are stored. */

export interface AccountStates {
  readonly logIn: LogInState
  readonly stage: Stage
}

/** What is stored of a log-in besides its states. */
export type LoginDetails = Omit<Login, 'ended' | 'standing' | 'newKeysDueAt'>

/** What is stored with an event. `undefined` removes. */
export interface AccountChanges extends Partial<Omit<AccountMemory, 'login'>> {
  /** What else is stored of the log-in: of a new one, or of the one that is there. */
  readonly login?: LoginDetails | ((before: Login) => LoginDetails)
  /** Why the session is over. */
  readonly reason?: EndReason
  /** When the new keys that wait will count. */
  readonly dueAt?: number
}

/** While something is under way, the state before it is stored: a crash undoes what had begun. */
const STORED_AS: Readonly<Partial<Record<LogInState, LogInState>>> = {
  storage_lost: 'none',
  logging_out: 'open',
  asking: 'lost',
}

/** Whether the server may find again what it has lost: it was asked before its backup was there. */
export const isLoss = (ended: Login['ended']) =>
  ended === 'account_gone' || ended === 'session_lost'

/** What happens when the server says that a session is over. */
export function endFor(reason: EndReason): Extract<LogInEvent, 'told_of_end' | 'told_of_loss'> {
  return isLoss(reason) ? 'told_of_loss' : 'told_of_end'
}

/** The state of the log-in that is stored. */
export function storedLogIn({ login }: Pick<AccountMemory, 'login'>): LogInState {
  if (!login) return 'none'
  const { ended } = login
  if (ended === null) return 'open'
  if (ended === 'logged_out') return 'logged_out'
  return isLoss(ended) ? 'lost' : 'ended'
}

/** The stage that is stored. */
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
 * What has to be stored so that the account is in the states `to`, with `changes`. Throws `internal` if these do
 * not belong to the states, and `unauthenticated` if everything was erased meanwhile.
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

/** What else is stored of a log-in on a device that was locked until now. */
export function whenUnlocked(login: Login): LoginDetails {
  const { newKeysStopped: _, renewed: __, ...kept } = login
  return { ...kept, ways: [] }
}

/** The log-in in these states; `before` itself if it is the same. */
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
  // What may come back keeps its token.
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

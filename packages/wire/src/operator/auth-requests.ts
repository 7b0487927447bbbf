import { z } from 'zod'
import { CodeChannel } from '../auth.ts'
import { endpoint } from '../endpoint.ts'
import { AccountId, DeviceId, InvitationId, SessionId } from '../ids.ts'
import { InvitationEntry, InvitationToken, NewInvitation, SignUpMode } from '../invitations.ts'
import { DEFAULT_PAGE, MAX_EMAIL_CHARS, MAX_PAGE } from '../limits.ts'
import { EmailInput, Moment, PhoneInput } from '../text.ts'
import { Day, KeptWraps } from './kept-keys.ts'
import { TableSize } from './storage.ts'

/** Working invitations in one answer; more are cut off. */
export const MAX_LISTED_INVITATIONS = 1_000
/** More live sessions than an account can have. */
const MAX_LISTED_SESSIONS = 128

const Nothing = z.strictObject({})
const AccountParams = z.strictObject({ accountId: AccountId })

/** An account as the operator sees it in a list. */
export const ListedAccount = z.strictObject({
  accountId: AccountId,
  /** E.164. */
  phone: z.string().max(16).nullable(),
  email: z.string().max(MAX_EMAIL_CHARS).nullable(),
  createdAt: Moment,
  suspendedAt: Moment.nullable(),
  /** When the operator asked for its removal, which has not ended. */
  removalAskedAt: Moment.nullable(),
  /** How many of its log-ins go on. */
  sessions: z.int().nonnegative(),
  lastUsedAt: Moment.nullable(),
})
export type ListedAccount = z.infer<typeof ListedAccount>

/** One log-in that goes on, with the device that has it. */
export const LiveSession = z.strictObject({
  sessionId: SessionId,
  deviceId: DeviceId,
  startedAt: Moment,
  lastUsedAt: Moment,
  /** False for a log-in whose device has not shown that it belongs to the account. */
  proven: z.boolean(),
})
export type LiveSession = z.infer<typeof LiveSession>

/** Everything that the auth service tells of one account. */
export const AccountDetails = ListedAccount.extend({
  findable: z.boolean(),
  hasPassword: z.boolean(),
  hasRecoveryCode: z.boolean(),
  liveSessions: z.array(LiveSession).max(MAX_LISTED_SESSIONS),
  endedSessions: z.int().nonnegative(),
  /** Working ones that it has made. */
  invitations: z.int().nonnegative(),
})
export type AccountDetails = z.infer<typeof AccountDetails>

/** An invitation with its maker; null is the operator. */
export const AnyInvitation = InvitationEntry.extend({ madeBy: AccountId.nullable() })
export type AnyInvitation = z.infer<typeof AnyInvitation>

/** Whether a code for a trial was taken by whatever sends codes. */
export const TestCodeAnswer = z.strictObject({
  channel: CodeChannel,
  isTaken: z.boolean(),
  /** Whether it went to the terminal of this Sotto, as in a trial, and to nobody. */
  isPrinted: z.boolean(),
  /** Why it was not, in words for the operator. */
  why: z.string().max(400).optional(),
  /** A code of Node or of the mail library. */
  reason: z.string().max(100).optional(),
  /** The HTTP status of a gateway. */
  status: z.int().optional(),
})
export type TestCodeAnswer = z.infer<typeof TestCodeAnswer>

/** What the operator asks the auth service, on its internal listener. */
export const authOperatorRequests = {
  /** Accounts, the newest first, by a part of their number or address if one is given. */
  searchAccounts: endpoint({
    method: 'POST',
    path: '/operator/auth/accounts/search',
    access: 'operator',
    body: z.strictObject({
      digits: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
      email: z.string().min(1).max(MAX_EMAIL_CHARS).optional(),
      after: AccountId.optional(),
      limit: z.int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
    }),
    response: z.strictObject({
      accounts: z.array(ListedAccount).max(MAX_PAGE),
      next: AccountId.nullable(),
    }),
  }),
  /** Those of these accounts that exist. */
  readAccounts: endpoint({
    method: 'POST',
    path: '/operator/auth/accounts/read',
    access: 'operator',
    body: z.strictObject({ accountIds: z.array(AccountId).max(MAX_PAGE) }),
    response: z.strictObject({ accounts: z.array(ListedAccount).max(MAX_PAGE) }),
  }),
  showAccount: endpoint({
    method: 'GET',
    path: '/operator/auth/accounts/:accountId',
    access: 'operator',
    params: AccountParams,
    response: AccountDetails,
  }),
  /** Ends the sessions of an account, and lets nobody log in with it. */
  suspend: endpoint({
    method: 'PUT',
    path: '/operator/auth/accounts/:accountId/suspension',
    access: 'operator',
    params: AccountParams,
    response: z.strictObject({ ended: z.int().nonnegative() }),
  }),
  resume: endpoint({
    method: 'DELETE',
    path: '/operator/auth/accounts/:accountId/suspension',
    access: 'operator',
    params: AccountParams,
    response: Nothing,
  }),
  endSessions: endpoint({
    method: 'DELETE',
    path: '/operator/auth/accounts/:accountId/sessions',
    access: 'operator',
    params: AccountParams,
    response: z.strictObject({ ended: z.int().nonnegative() }),
  }),
  /** The wraps that were replaced lately. */
  showKeptWraps: endpoint({
    method: 'GET',
    path: '/operator/auth/accounts/:accountId/kept-wraps',
    access: 'operator',
    params: AccountParams,
    response: KeptWraps,
  }),
  /** Puts the wraps back as they were when a day began, and ends the sessions of the account. */
  putWrapsBack: endpoint({
    method: 'PUT',
    path: '/operator/auth/accounts/:accountId/kept-wraps/:day',
    access: 'operator',
    params: AccountParams.extend({ day: Day }),
    response: z.strictObject({ ended: z.int().nonnegative() }),
  }),
  /** Begins the removal of an account, or goes on with it. It has ended when the account is not found. */
  remove: endpoint({
    method: 'PUT',
    path: '/operator/auth/accounts/:accountId/removal',
    access: 'operator',
    params: AccountParams,
    response: Nothing,
  }),
  invite: endpoint({
    method: 'POST',
    path: '/operator/auth/invitations',
    access: 'operator',
    body: NewInvitation,
    /** With `closed` nobody can use it. */
    response: InvitationEntry.extend({ invitation: InvitationToken, signUp: SignUpMode }),
  }),
  /** All invitations that work, the newest first. */
  listInvitations: endpoint({
    method: 'GET',
    path: '/operator/auth/invitations',
    access: 'operator',
    response: z.strictObject({
      invitations: z.array(AnyInvitation).max(MAX_LISTED_INVITATIONS),
      more: z.boolean(),
      signUp: SignUpMode,
    }),
  }),
  withdraw: endpoint({
    method: 'DELETE',
    path: '/operator/auth/invitations/:invitationId',
    access: 'operator',
    params: z.strictObject({ invitationId: InvitationId }),
    response: Nothing,
  }),
  storage: endpoint({
    method: 'GET',
    path: '/operator/auth/storage',
    access: 'operator',
    response: z.strictObject({ tables: z.array(TableSize).max(100) }),
  }),
  /** Sends a code that proves nothing to a number or an address. */
  sendTestCode: endpoint({
    method: 'POST',
    path: '/operator/auth/test-codes',
    access: 'operator',
    body: z.union([z.strictObject({ phone: PhoneInput }), z.strictObject({ email: EmailInput })]),
    response: TestCodeAnswer,
  }),
}

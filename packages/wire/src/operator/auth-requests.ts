import { z } from 'zod'
import { CodeChannel } from '../auth.ts'
import { AccountId, DeviceId, InvitationId, SessionId } from '../ids.ts'
import { InvitationEntry, InvitationToken, NewInvitation, SignUpMode } from '../invitations.ts'
import { DEFAULT_PAGE, MAX_EMAIL_CHARS, MAX_PAGE } from '../limits.ts'
import { endpoint } from '../requests/endpoint.ts'
import { AccountParams, Nothing } from '../requests/fields.ts'
import { EmailInput, Moment, PhoneInput } from '../text.ts'
import { Day, KeptWraps } from './kept-keys.ts'
import { TableSize } from './storage.ts'

/** Valid invitations in one answer. The rest is cut off. */
export const MAX_LISTED_INVITATIONS = 1_000
/** Larger than the number of live sessions that an account can have. */
const MAX_LISTED_SESSIONS = 128

/** An account as the operator sees it in a list. */
export const ListedAccount = z.strictObject({
  accountId: AccountId,
  /** E.164. */
  phone: z.string().max(16).nullable(),
  email: z.string().max(MAX_EMAIL_CHARS).nullable(),
  createdAt: Moment,
  suspendedAt: Moment.nullable(),
  /** When the operator requested its removal; null unless a removal is in progress. */
  removalAskedAt: Moment.nullable(),
  /** The number of live sessions. */
  sessions: z.int().nonnegative(),
  lastUsedAt: Moment.nullable(),
})
export type ListedAccount = z.infer<typeof ListedAccount>

/** A live session and its device. */
export const LiveSession = z.strictObject({
  sessionId: SessionId,
  deviceId: DeviceId,
  startedAt: Moment,
  lastUsedAt: Moment,
  /** False if the device has not proven that it belongs to the account. */
  proven: z.boolean(),
})
export type LiveSession = z.infer<typeof LiveSession>

/** Everything that the auth service reports about one account. */
export const AccountDetails = ListedAccount.extend({
  findable: z.boolean(),
  hasPassword: z.boolean(),
  hasRecoveryCode: z.boolean(),
  liveSessions: z.array(LiveSession).max(MAX_LISTED_SESSIONS),
  endedSessions: z.int().nonnegative(),
  /** Valid invitations that it has created. */
  invitations: z.int().nonnegative(),
})
export type AccountDetails = z.infer<typeof AccountDetails>

/** An invitation with its creator; null is the operator. */
export const AnyInvitation = InvitationEntry.extend({ madeBy: AccountId.nullable() })
export type AnyInvitation = z.infer<typeof AnyInvitation>

/** Whether the SMS gateway or mail server accepted a test code. */
export const TestCodeAnswer = z.strictObject({
  channel: CodeChannel,
  isTaken: z.boolean(),
  /** Whether the code was printed to the server's terminal, as in a trial, and sent to no one. */
  isPrinted: z.boolean(),
  /** Why it was not accepted, in words for the operator. */
  why: z.string().max(400).optional(),
  /** An error code of Node or of the mail library. */
  reason: z.string().max(100).optional(),
  /** The HTTP status that the SMS gateway returned. */
  status: z.int().optional(),
})
export type TestCodeAnswer = z.infer<typeof TestCodeAnswer>

/** The operator's requests to the auth service, on its internal listener. */
export const authOperatorRequests = {
  /** Accounts, newest first; filtered by a part of their number or address if one is given. */
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
  /** The accounts of this list that exist. */
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
  /** Ends the sessions of an account and prevents new log-ins. */
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
  /** The recently replaced wraps. */
  showKeptWraps: endpoint({
    method: 'GET',
    path: '/operator/auth/accounts/:accountId/kept-wraps',
    access: 'operator',
    params: AccountParams,
    response: KeptWraps,
  }),
  /**
   * Restores the wraps to their state at the start of a day, and ends the sessions of the account.
   */
  putWrapsBack: endpoint({
    method: 'PUT',
    path: '/operator/auth/accounts/:accountId/kept-wraps/:day',
    access: 'operator',
    params: AccountParams.extend({ day: Day }),
    response: z.strictObject({ ended: z.int().nonnegative() }),
  }),
  /**
   * Starts or continues the removal of an account. The removal is complete when the account is not
   * found.
   */
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
    /** If this is `closed`, the invitation cannot be used. */
    response: InvitationEntry.extend({ invitation: InvitationToken, signUp: SignUpMode }),
  }),
  /** All valid invitations, newest first. */
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
  /** Sends a test code, which proves nothing, to a number or an address. */
  sendTestCode: endpoint({
    method: 'POST',
    path: '/operator/auth/test-codes',
    access: 'operator',
    body: z.union([z.strictObject({ phone: PhoneInput }), z.strictObject({ email: EmailInput })]),
    response: TestCodeAnswer,
  }),
}

import { z } from 'zod'
import { AccountId, DeviceId } from '../ids.ts'
import { DEFAULT_PAGE, MAX_DEVICES, MAX_PAGE } from '../limits.ts'
import { endpoint } from '../requests/endpoint.ts'
import { AccountParams } from '../requests/fields.ts'
import { Moment, NamePrefix, SignedName } from '../text.ts'
import { Usage } from '../usage.ts'
import { Day, KeptKeys } from './kept-keys.ts'
import { TableSize } from './storage.ts'

/** Accounts in the operator's list of the largest. */
export const MAX_LARGEST = 20
/** Larger than any disk. */
const MAX_ALLOWED_BYTES = 1e15
const MAX_ALLOWED_CONVERSATIONS = 1_000_000_000

/** An account in a list, as the chat service knows it. */
export const NamedAccount = z.strictObject({
  accountId: AccountId,
  name: SignedName,
  /** Its stored bytes, as quotas count them. */
  bytes: z.int().nonnegative(),
})
export type NamedAccount = z.infer<typeof NamedAccount>

/**
 * The quota that the operator has set for one account in place of the default; null means the
 * default.
 */
export const OwnQuota = z.strictObject({
  bytes: z.int().nonnegative().max(MAX_ALLOWED_BYTES).nullable(),
  conversations: z.int().nonnegative().max(MAX_ALLOWED_CONVERSATIONS).nullable(),
  devices: z.int().min(1).max(MAX_DEVICES).nullable(),
})
export type OwnQuota = z.infer<typeof OwnQuota>

/** A device, including a revoked one. */
export const EnrolledDevice = z.strictObject({
  deviceId: DeviceId,
  enrolledAt: Moment,
  revokedAt: Moment.nullable(),
})
export type EnrolledDevice = z.infer<typeof EnrolledDevice>

/** Everything that the chat service reports about one account. */
export const PublishedDetails = z.strictObject({
  accountId: AccountId,
  name: SignedName,
  publishedAt: Moment,
  hasPicture: z.boolean(),
  devices: z.array(EnrolledDevice).max(MAX_DEVICES),
  /** Conversations in which it participates, whoever started them. */
  conversations: z.int().nonnegative(),
  usage: Usage,
  ownQuota: OwnQuota,
})
export type PublishedDetails = z.infer<typeof PublishedDetails>

/** The operator's requests to the chat service, on its internal listener. */
export const chatOperatorRequests = {
  /** Accounts whose names contain this text, ordered by name. */
  searchNames: endpoint({
    method: 'POST',
    path: '/operator/chat/accounts/search',
    access: 'operator',
    body: z.strictObject({
      name: NamePrefix,
      after: AccountId.optional(),
      limit: z.int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
    }),
    response: z.strictObject({
      accounts: z.array(NamedAccount).max(MAX_PAGE),
      next: AccountId.nullable(),
    }),
  }),
  /** The accounts of this list that have published something. */
  readNames: endpoint({
    method: 'POST',
    path: '/operator/chat/accounts/read',
    access: 'operator',
    body: z.strictObject({ accountIds: z.array(AccountId).max(MAX_PAGE) }),
    response: z.strictObject({ accounts: z.array(NamedAccount).max(MAX_PAGE) }),
  }),
  /** Throws `account_not_found` if the account has published nothing. */
  showPublished: endpoint({
    method: 'GET',
    path: '/operator/chat/accounts/:accountId',
    access: 'operator',
    params: AccountParams,
    response: PublishedDetails,
  }),
  /** Sets the quotas that are given; null restores the default. */
  setQuota: endpoint({
    method: 'PUT',
    path: '/operator/chat/accounts/:accountId/quota',
    access: 'operator',
    params: AccountParams,
    body: OwnQuota.partial(),
    response: OwnQuota,
  }),
  /** The recently replaced versions of boxes and manifest. */
  showKeptKeys: endpoint({
    method: 'GET',
    path: '/operator/chat/accounts/:accountId/kept-keys',
    access: 'operator',
    params: AccountParams,
    response: KeptKeys,
  }),
  /** Restores boxes and manifest, with their versions, to their state at the start of a day. */
  putKeysBack: endpoint({
    method: 'PUT',
    path: '/operator/chat/accounts/:accountId/kept-keys/:day',
    access: 'operator',
    params: AccountParams.extend({ day: Day }),
    response: KeptKeys.shape.current,
  }),
  storage: endpoint({
    method: 'GET',
    path: '/operator/chat/storage',
    access: 'operator',
    response: z.strictObject({
      tables: z.array(TableSize).max(100),
      /** The accounts that have stored the most, as quotas count it. */
      largest: z.array(NamedAccount).max(MAX_LARGEST),
    }),
  }),
}

import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { AccountId, DeviceId } from '../ids.ts'
import { DEFAULT_PAGE, MAX_DEVICES, MAX_PAGE } from '../limits.ts'
import { Moment, NamePrefix, SignedName } from '../text.ts'
import { Usage } from '../usage.ts'
import { Day, KeptKeys } from './kept-keys.ts'
import { TableSize } from './storage.ts'

/** Accounts that are named when the operator asks who has stored most. */
export const MAX_LARGEST = 20
/** More than any disk has. */
const MAX_ALLOWED_BYTES = 1e15
const MAX_ALLOWED_CONVERSATIONS = 1_000_000_000

const AccountParams = z.strictObject({ accountId: AccountId })

/** What the chat service knows of an account for a list. */
export const NamedAccount = z.strictObject({
  accountId: AccountId,
  name: SignedName,
  /** What it has stored, as quotas count it. */
  bytes: z.int().nonnegative(),
})
export type NamedAccount = z.infer<typeof NamedAccount>

/** What the operator allows one account instead of what everybody has; null: what everybody has. */
export const OwnQuota = z.strictObject({
  bytes: z.int().nonnegative().max(MAX_ALLOWED_BYTES).nullable(),
  conversations: z.int().nonnegative().max(MAX_ALLOWED_CONVERSATIONS).nullable(),
  devices: z.int().min(1).max(MAX_DEVICES).nullable(),
})
export type OwnQuota = z.infer<typeof OwnQuota>

/** A device, revoked or not. */
export const EnrolledDevice = z.strictObject({
  deviceId: DeviceId,
  enrolledAt: Moment,
  revokedAt: Moment.nullable(),
})
export type EnrolledDevice = z.infer<typeof EnrolledDevice>

/** Everything that the chat service tells of one account. */
export const PublishedDetails = z.strictObject({
  accountId: AccountId,
  name: SignedName,
  publishedAt: Moment,
  hasPicture: z.boolean(),
  devices: z.array(EnrolledDevice).max(MAX_DEVICES),
  /** That it is in, whoever began them. */
  conversations: z.int().nonnegative(),
  usage: Usage,
  ownQuota: OwnQuota,
})
export type PublishedDetails = z.infer<typeof PublishedDetails>

/** What the operator asks the chat service, on its internal listener. */
export const chatOperatorRequests = {
  /** Accounts with this text in their names, in the order of the names. */
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
  /** Those of these accounts that have published something. */
  readNames: endpoint({
    method: 'POST',
    path: '/operator/chat/accounts/read',
    access: 'operator',
    body: z.strictObject({ accountIds: z.array(AccountId).max(MAX_PAGE) }),
    response: z.strictObject({ accounts: z.array(NamedAccount).max(MAX_PAGE) }),
  }),
  /** Throws `account_not_found` for one that has published nothing. */
  showPublished: endpoint({
    method: 'GET',
    path: '/operator/chat/accounts/:accountId',
    access: 'operator',
    params: AccountParams,
    response: PublishedDetails,
  }),
  /** Sets what is given; null goes back to what everybody has. */
  setQuota: endpoint({
    method: 'PUT',
    path: '/operator/chat/accounts/:accountId/quota',
    access: 'operator',
    params: AccountParams,
    body: OwnQuota.partial(),
    response: OwnQuota,
  }),
  /** The versions of boxes and manifest that were replaced lately. */
  showKeptKeys: endpoint({
    method: 'GET',
    path: '/operator/chat/accounts/:accountId/kept-keys',
    access: 'operator',
    params: AccountParams,
    response: KeptKeys,
  }),
  /** Puts boxes and manifest back as they were when a day began. Their versions are those of then. */
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
      /** Who has stored most, as quotas count it. */
      largest: z.array(NamedAccount).max(MAX_LARGEST),
    }),
  }),
}

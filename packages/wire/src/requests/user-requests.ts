import { z } from 'zod'
import { FoundAccount, PublishedAccount, Successions, WaitingKeys } from '../account.ts'
import { MAX_PAGE, MAX_WAITING_KEYS } from '../limits.ts'
import { Cursor, NamePrefix, Picture, Statement } from '../text.ts'
import { endpoint } from './endpoint.ts'
import { AccountParams, after, limit, Nothing } from './fields.ts'

/** What accounts publish, and new keys that wait. */
export const userRequests = {
  /**
   * Publishes name, picture, public keys and revoked devices. The record must be signed by its own
   * identity key (`bad_signature`) and must follow the previous one (`stale_version`). Devices that
   * it revokes lose their sessions; if the identity key changes, all devices except the caller do.
   * Such a record may have to wait (`new_keys_wait`, with `dueAt`). The device then sends it again,
   * unless another device of the account has stopped it (`new_keys_stopped`).
   */
  putUser: endpoint({
    method: 'PUT',
    path: '/users',
    access: 'log-in',
    body: z.strictObject({
      record: Statement,
      picture: Picture.nullable(),
      after,
      /** How the account arrived at the record's identity key, as far as the device knows. */
      successions: Successions.optional(),
    }),
    response: Nothing,
  }),
  /** What the caller's account has published; null if it has published nothing. */
  ownUser: endpoint({
    method: 'GET',
    path: '/users/me',
    access: 'log-in',
    response: z.strictObject({ account: PublishedAccount.nullable() }),
  }),
  /** New keys of the caller's account that have not taken effect yet, earliest first. */
  listNewKeys: endpoint({
    method: 'GET',
    path: '/users/me/new-keys',
    access: 'log-in',
    response: z.strictObject({ waiting: z.array(WaitingKeys).max(MAX_WAITING_KEYS) }),
  }),
  /**
   * Permanently stops new keys, with a `SignedWrite` by the published identity key
   * (`bad_signature`).
   */
  stopNewKeys: endpoint({
    method: 'POST',
    path: '/users/me/new-keys/stop',
    access: 'log-in',
    body: z.strictObject({ identityKey: WaitingKeys.shape.identityKey, write: Statement }),
    response: Nothing,
  }),
  getUser: endpoint({
    method: 'GET',
    path: '/users/:accountId',
    access: 'account',
    params: AccountParams,
    response: PublishedAccount,
  }),
  /**
   * The members ordered by name, or those whose name starts with `name`. If the operator has closed
   * the directory, only a complete name matches.
   */
  listUsers: endpoint({
    method: 'GET',
    path: '/users',
    access: 'account',
    query: z.strictObject({
      name: NamePrefix.optional(),
      after: Cursor.optional(),
      limit,
    }),
    response: z.strictObject({
      accounts: z.array(FoundAccount).max(MAX_PAGE),
      next: Cursor.nullable(),
    }),
  }),
} as const

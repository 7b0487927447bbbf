import { z } from 'zod'
import { FoundAccount, PublishedAccount, Successions, WaitingKeys } from '../account.ts'
import { Wrap, WrapKind } from '../auth.ts'
import { Conversation, ProtocolName } from '../conversation.ts'
import { StoredEnvelope } from '../envelope.ts'
import { AccountId, ConversationId, DeviceId } from '../ids.ts'
import {
  DEFAULT_PAGE,
  MAX_PAGE,
  MAX_PARTICIPANTS,
  MAX_SEALED_BOX_CHARS,
  MAX_WAITING_KEYS,
} from '../limits.ts'
import { base64url, NamePrefix, Picture, Seq, Statement, Version } from '../text.ts'
import { Usage } from '../usage.ts'
import { endpoint } from './endpoint.ts'

const Nothing = z.strictObject({})
const AccountParams = z.strictObject({ accountId: AccountId })
const ConversationParams = z.strictObject({ conversationId: ConversationId })
const limit = z.coerce.number().int().positive().max(MAX_PAGE).default(DEFAULT_PAGE)
/**
 * The version that this write follows; 0 if it is the first. It is stale if a different version is
 * the newest.
 */
const after = z.union([z.literal(0), Version]).optional()
const seqInQuery = z.coerce.number().int().nonnegative()

/** Opaque to clients: where the next page begins, or how far the client has read. */
export const Cursor = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9_.:-]+$/)

/**
 * A new value means that the database was restored to an earlier state and may lack things that
 * devices have.
 */
const Era = z.string().regex(/^[0-9a-f]{16}$/)

/** The boxes that an account stores under its root secret: its private keys and its pinned contacts. */
export const BoxName = z.enum(['keys', 'contacts'])
export type BoxName = z.infer<typeof BoxName>

/** A box, encrypted under the root secret. Clients increase `version` by one with each write. */
export const SealedBox = z.strictObject({
  version: Version,
  ciphertext: base64url(MAX_SEALED_BOX_CHARS).min(1),
})
export type SealedBox = z.infer<typeof SealedBox>

/** A conversation with the signed keys of all participants. */
export const OpenedConversation = z.strictObject({
  conversation: Conversation,
  accounts: z.array(PublishedAccount).max(MAX_PARTICIPANTS),
})
export type OpenedConversation = z.infer<typeof OpenedConversation>

/** A raw database row, for the page "what the server sees". */
export const ServerRow = z.strictObject({
  table: z.string().max(64),
  columns: z.record(z.string().max(64), z.union([z.string(), z.number(), z.null()])),
})
export type ServerRow = z.infer<typeof ServerRow>

/** The endpoints of the chat service. Those with access `log-in` unlock, create and stop keys. */
export const chatRequests = {
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
  /**
   * Enrolls the access token's device, or renames it. The credential must be signed by the
   * published identity key (`bad_signature`). A device id keeps its key for life
   * (`device_id_taken`).
   */
  putDevice: endpoint({
    method: 'PUT',
    path: '/devices/:deviceId',
    access: 'log-in',
    params: z.strictObject({ deviceId: DeviceId }),
    body: z.strictObject({ credential: Statement }),
    response: Nothing,
  }),
  /**
   * Proves that this device belongs to the account, by its signature over a challenge.
   * `logInChallenge` opens the endpoints that a log-in alone may not use. The challenge from
   * `refresh_refused` restores a session that the auth service has lost. The published identity key
   * must have signed the credential, and the credential's device key the proof (`bad_signature`);
   * the device must not be revoked (`device_not_enrolled`).
   */
  proveDevice: endpoint({
    method: 'POST',
    path: '/devices/:deviceId/proof',
    access: 'anyone',
    params: z.strictObject({ deviceId: DeviceId }),
    body: z.strictObject({ credential: Statement, proof: Statement }),
    response: Nothing,
  }),
  /** The manifest of the caller's account; null if it has none. */
  getManifest: endpoint({
    method: 'GET',
    path: '/manifest',
    access: 'log-in',
    response: z.strictObject({ manifest: Statement.nullable() }),
  }),
  /**
   * Signed by the published identity key, with a later version (`bad_signature`, `stale_version`).
   */
  putManifest: endpoint({
    method: 'PUT',
    path: '/manifest',
    access: 'log-in',
    body: z.strictObject({ manifest: Statement, after }),
    response: Nothing,
  }),
  getBox: endpoint({
    method: 'GET',
    path: '/boxes/:box',
    access: 'log-in',
    params: z.strictObject({ box: BoxName }),
    response: z.strictObject({ box: SealedBox.nullable() }),
  }),
  /**
   * Accepts only a version that may follow the stored one (`stale_version`), with a `SignedWrite`
   * by the published identity key (`bad_signature`).
   */
  putBox: endpoint({
    method: 'PUT',
    path: '/boxes/:box',
    access: 'log-in',
    params: z.strictObject({ box: BoxName }),
    body: SealedBox.extend({ write: Statement, after }),
    response: Nothing,
  }),
  /**
   * Replaces all wraps. After the root secret changes, the old wraps open nothing that is still in
   * use. Like the other two endpoints, it needs a `SignedWrite` by the published identity key
   * (`bad_signature`) with the next version of the wraps (`stale_version`). The auth service stores
   * and lists the wraps.
   */
  replaceWraps: endpoint({
    method: 'PUT',
    path: '/wraps',
    access: 'log-in',
    body: z.strictObject({ wraps: z.array(Wrap).min(1).max(8), write: Statement }),
    response: Nothing,
  }),
  putWrap: endpoint({
    method: 'PUT',
    path: '/wraps/:kind',
    access: 'log-in',
    params: z.strictObject({ kind: WrapKind }),
    body: z.strictObject({ ciphertext: Wrap.shape.ciphertext, write: Statement }),
    response: Nothing,
  }),
  /**
   * Removes the password and its wrap. After that, a code sent to the address is enough to log in.
   */
  removePassword: endpoint({
    method: 'DELETE',
    path: '/wraps/password',
    access: 'log-in',
    body: z.strictObject({ write: Statement }),
    response: Nothing,
  }),
  /**
   * Idempotent: the same id, creator, protocol and participants return the same conversation. Two
   * people share one conversation per protocol; `conversation_exists` names it.
   */
  createConversation: endpoint({
    method: 'POST',
    path: '/conversations',
    access: 'account',
    body: z.strictObject({
      id: ConversationId,
      /** Answers `protocol_not_supported` if the server does not know the protocol. */
      protocol: ProtocolName,
      /** Everyone except the creator. */
      participants: z.array(AccountId).min(1).max(MAX_PARTICIPANTS),
    }),
    response: OpenedConversation,
  }),
  /** Latest activity first. */
  listConversations: endpoint({
    method: 'GET',
    path: '/conversations',
    access: 'account',
    query: z.strictObject({ after: Cursor.optional(), limit }),
    response: z.strictObject({
      conversations: z.array(Conversation).max(MAX_PAGE),
      next: Cursor.nullable(),
    }),
  }),
  getConversation: endpoint({
    method: 'GET',
    path: '/conversations/:conversationId',
    access: 'account',
    params: ConversationParams,
    response: OpenedConversation,
  }),
  /** Answers a contact request, or withdraws the answer. `blocked` applies to the other account. */
  answerConversation: endpoint({
    method: 'PUT',
    path: '/conversations/:conversationId/state',
    access: 'account',
    params: ConversationParams,
    body: z.strictObject({ state: z.enum(['accepted', 'declined', 'blocked']) }),
    response: Nothing,
  }),
  /**
   * A page of the log: the newest envelopes before `before`, or the oldest after `after`, always
   * ordered by seq.
   */
  readLog: endpoint({
    method: 'GET',
    path: '/conversations/:conversationId/envelopes',
    access: 'account',
    params: ConversationParams,
    query: z.union([
      z.strictObject({ after: seqInQuery, limit }),
      z.strictObject({ before: seqInQuery.optional(), limit }),
    ]),
    response: z.strictObject({ envelopes: z.array(StoredEnvelope).max(MAX_PAGE) }),
  }),
  /** The raw row that stores an envelope. */
  serverRow: endpoint({
    method: 'GET',
    path: '/conversations/:conversationId/envelopes/:seq/row',
    access: 'account',
    params: z.strictObject({
      conversationId: ConversationId,
      seq: z.coerce.number().pipe(Seq),
    }),
    response: ServerRow,
  }),
  /** Only the era: a device needs it before it has keys. */
  readEra: endpoint({
    method: 'GET',
    path: '/era',
    access: 'log-in',
    response: z.strictObject({ era: Era }),
  }),
  /**
   * Everything that changed since the cursor; without a cursor, everything. Latest activity first.
   */
  listChanges: endpoint({
    method: 'GET',
    path: '/changes',
    access: 'account',
    query: z.strictObject({ since: Cursor.optional(), limit }),
    response: z.strictObject({
      era: Era,
      conversations: z.array(Conversation).max(MAX_PAGE),
      cursor: Cursor,
      more: z.boolean(),
    }),
  }),
  /** How much the caller's account has stored, and how much it may store. */
  ownUsage: endpoint({
    method: 'GET',
    path: '/usage',
    access: 'account',
    response: Usage,
  }),
  listBlocked: endpoint({
    method: 'GET',
    path: '/blocks',
    access: 'account',
    response: z.strictObject({ accounts: z.array(AccountId).max(1000) }),
  }),
  unblock: endpoint({
    method: 'DELETE',
    path: '/blocks/:accountId',
    access: 'account',
    params: AccountParams,
    response: Nothing,
  }),
} as const

import { FormerKey } from '@sotto/crypto'
import {
  AccountId,
  AccountRecord,
  Bytes32,
  DeviceId,
  Picture,
  Revocation,
  Statement,
} from '@sotto/wire'
import { z } from 'zod'
import type { Place, RecordKind, ShapeOf } from '../record-kind.ts'
import type {
  ContactDevice,
  SeenRevocation,
  Succeeding,
  VerifiedAccount,
} from '../verified-account.ts'
import { Count, LocalTime } from './values.ts'

/** A person this device knows: the pinned identity key, and the data verified under it. */
export interface ContactRecord {
  readonly accountId: AccountId
  /** Absent while only the pin is known, from the `contacts` box. */
  readonly current?: VerifiedAccount | undefined
  readonly identityKey: string
  /** Never decreases under one key. */
  readonly recordVersion: number
  readonly verified: boolean
  /** Identity keys accepted before the current one, latest first. */
  readonly formerKeys: readonly FormerKey[]
  /** The server's data under another identity key, until the person decides. */
  readonly changed: VerifiedAccount | null
  /** When this device first saw it. */
  readonly changedAt: number | null
  /** Whether the pin belongs in the `contacts` box: not for strangers who only sent a request. */
  readonly kept: boolean
  /** Whether the box still lacks the newest version. */
  readonly dirty: boolean
  /** Whether `verified` was decided on this device, and isn't in the box yet. */
  readonly isDecidedHere?: boolean
  /** Since when this device has known the contact by this name; absent for a name from before this was recorded. */
  readonly namedAt?: number
}

const device: z.ZodType<ContactDevice> = z.strictObject({
  deviceId: DeviceId,
  deviceKey: Bytes32,
  identityKey: Bytes32,
  revokedAt: Count.nullable(),
} satisfies ShapeOf<ContactDevice>)

const revocation: z.ZodType<SeenRevocation> = Revocation.extend({ identityKey: Bytes32 })

const succeeding: z.ZodType<Succeeding> = z.strictObject({
  identityKey: Bytes32,
  through: z.array(Bytes32),
  at: Count,
  device: DeviceId,
} satisfies ShapeOf<Succeeding>)

const verified: z.ZodType<VerifiedAccount> = z.strictObject({
  record: AccountRecord,
  statement: Statement,
  picture: Picture.nullable(),
  devices: z.array(device),
  pastKeys: z.array(
    z.strictObject({
      identityKey: Bytes32,
      ecdhKey: z.string(),
      rsaKey: z.string().nullable(),
    } satisfies ShapeOf<VerifiedAccount['pastKeys'][number]>),
  ),
  revocations: z.array(revocation).exactOptional(),
  succeeds: succeeding.exactOptional(),
} satisfies ShapeOf<VerifiedAccount>)

const contact: z.ZodType<ContactRecord> = z.strictObject({
  accountId: AccountId,
  current: verified.optional(),
  identityKey: Bytes32,
  recordVersion: Count,
  verified: z.boolean(),
  formerKeys: z.array(FormerKey),
  changed: verified.nullable(),
  changedAt: LocalTime.nullable(),
  kept: z.boolean(),
  dirty: z.boolean(),
  isDecidedHere: z.boolean().exactOptional(),
  namedAt: LocalTime.exactOptional(),
} satisfies ShapeOf<ContactRecord>)

export const CONTACTS: RecordKind<ContactRecord> = {
  collection: 'contacts',
  version: 2,
  schema: contact,
}

export const contactAt = (id: AccountId): Place<ContactRecord> => ({ kind: CONTACTS, key: id })

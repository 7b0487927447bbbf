import type { Tx } from '@sotto/service-runtime'
import type { AccountId, InvitationEntry, InvitationId } from '@sotto/wire'
import type { AnyInvitation } from '@sotto/wire/operator'

export interface StoredInvitation {
  readonly id: InvitationId
  readonly hash: Buffer
  /** Null for the operator. */
  readonly madeBy: AccountId | null
  readonly uses: number
  readonly createdAt: Date
  readonly expiresAt: Date
}

export async function add(tx: Tx, invitation: StoredInvitation) {
  const { id, hash, madeBy, uses, createdAt, expiresAt } = invitation
  await tx`
    insert into auth.invitations (id, hash, made_by, uses, uses_left, created_at, expires_at)
    values (${id}, ${hash}, ${madeBy}, ${uses}, ${uses}, ${createdAt}, ${expiresAt})`
}

/** When a valid invitation expires. */
export async function findExpiry(tx: Tx, hash: Buffer, now: Date): Promise<Date | undefined> {
  const [row] = await tx<{ expiresAt: Date }[]>`
    select expires_at as "expiresAt" from auth.invitations
    where hash = ${hash} and uses_left > 0 and expires_at > ${now} and ${isOfUsualMaker(tx)}`
  return row?.expiresAt
}

/**
 * Counts an account that an invitation creates; false if it is no longer valid. A single statement,
 * so that concurrent requests cannot share a use.
 */
export async function use(tx: Tx, hash: Buffer, now: Date): Promise<boolean> {
  const rows = await tx`
    update auth.invitations set uses_left = uses_left - 1
    where hash = ${hash} and uses_left > 0 and expires_at > ${now} and ${isOfUsualMaker(tx)}
    returning id`
  return rows.length > 0
}

/** A suspended account cannot invite anyone. */
const isOfUsualMaker = (tx: Tx) => tx`not exists (
  select from auth.accounts where id = made_by and suspended_at is not null
)`

/** A creator's valid invitations, newest first. */
export async function listWorking(
  tx: Tx,
  madeBy: AccountId | null,
  now: Date,
): Promise<InvitationEntry[]> {
  const rows = await tx<
    (Omit<InvitationEntry, 'createdAt' | 'expiresAt'> & { createdAt: Date; expiresAt: Date })[]
  >`
    select id as "invitationId", uses, uses_left as "usesLeft",
      created_at as "createdAt", expires_at as "expiresAt"
    from auth.invitations
    where made_by is not distinct from ${madeBy} and uses_left > 0 and expires_at > ${now}
    order by created_at desc, id`
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
  }))
}

/** Everyone's valid invitations, newest first. */
export async function listAllWorking(tx: Tx, now: Date, limit: number): Promise<AnyInvitation[]> {
  return tx<AnyInvitation[]>`
    select id as "invitationId", uses, uses_left as "usesLeft", made_by as "madeBy",
      floor(extract(epoch from created_at) * 1000)::bigint as "createdAt",
      floor(extract(epoch from expires_at) * 1000)::bigint as "expiresAt"
    from auth.invitations where uses_left > 0 and expires_at > ${now} and ${isOfUsualMaker(tx)}
    order by created_at desc, id limit ${limit}`
}

/** Removes an invitation, whoever created it; false if there is none. */
export async function removeAny(tx: Tx, id: InvitationId): Promise<boolean> {
  const rows = await tx`delete from auth.invitations where id = ${id} returning id`
  return rows.length > 0
}

/** Removes an invitation of a creator; false if there is none. */
export async function remove(tx: Tx, madeBy: AccountId | null, id: InvitationId): Promise<boolean> {
  const rows = await tx`
    delete from auth.invitations
    where id = ${id} and made_by is not distinct from ${madeBy} returning id`
  return rows.length > 0
}

export async function removeExpired(tx: Tx, now: Date) {
  await tx`delete from auth.invitations where expires_at <= ${now}`
}

import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { EmailAddress } from '../addresses/email-address.ts'

/** A proven email address, and its existing or future account. */
export interface ProvenEmail {
  email: EmailAddress
  accountId: AccountId
}

export async function add(tx: Tx, hash: Buffer, proven: ProvenEmail, expiresAt: Date) {
  await tx`
    insert into auth.tickets (hash, email, account_id, expires_at)
    values (${hash}, ${proven.email}, ${proven.accountId}, ${expiresAt})`
}

export async function find(tx: Tx, hash: Buffer, now: Date): Promise<ProvenEmail | undefined> {
  const [row] = await tx<ProvenEmail[]>`
    select email, account_id as "accountId" from auth.tickets
    where hash = ${hash} and expires_at > ${now}`
  return row
}

/** Removes a ticket and returns its content, so that it works only once. */
export async function consume(tx: Tx, hash: Buffer, now: Date): Promise<ProvenEmail | undefined> {
  const [row] = await tx<ProvenEmail[]>`
    delete from auth.tickets where hash = ${hash} and expires_at > ${now}
    returning email, account_id as "accountId"`
  return row
}

/** Removes all tickets for an account. */
export async function removeFor(tx: Tx, accountId: AccountId) {
  await tx`delete from auth.tickets where account_id = ${accountId}`
}

export async function removeExpired(tx: Tx, now: Date) {
  await tx`delete from auth.tickets where expires_at <= ${now}`
}

import type { Tx } from '@sotto/service-runtime'
import type { AccountId, OwnAccount } from '@sotto/wire'
import type { EmailAddress } from '../addresses/email-address.ts'
import type { PhoneNumber } from '../addresses/phone-number.ts'

interface NewAccount {
  id: AccountId
  phone: PhoneNumber | null
  email: EmailAddress | null
  findable: boolean
  createdAt: Date
}

/** Adds an account and returns true, or does nothing if the number or address already has one. */
export async function addIfNew(tx: Tx, { id, phone, email, findable, createdAt }: NewAccount) {
  const rows = await tx`
    insert into auth.accounts (id, phone, email, findable, created_at)
    values (${id}, ${phone}, ${email}, ${findable}, ${createdAt})
    on conflict do nothing returning id`
  return rows.length > 0
}

export async function findByPhone(tx: Tx, phone: PhoneNumber): Promise<AccountId | undefined> {
  const [row] = await tx<{ id: AccountId }[]>`
    select id from auth.accounts where phone = ${phone}`
  return row?.id
}

export async function findByEmail(tx: Tx, email: EmailAddress): Promise<AccountId | undefined> {
  const [row] = await tx<{ id: AccountId }[]>`
    select id from auth.accounts where email = ${email}`
  return row?.id
}

/** An account that can be found by exactly this number or address. */
export async function findFindable(
  tx: Tx,
  by: { phone: PhoneNumber } | { email: EmailAddress },
): Promise<AccountId | undefined> {
  const matches = 'phone' in by ? tx`phone = ${by.phone}` : tx`email = ${by.email}`
  const [row] = await tx<{ id: AccountId }[]>`
    select id from auth.accounts where findable and ${matches}`
  return row?.id
}

/**
 * Locks an account, so that its log-ins happen one after the other. Returns its number or address;
 * undefined if the account does not exist yet.
 */
export async function lock(tx: Tx, id: AccountId): Promise<PhoneNumber | EmailAddress | undefined> {
  const [row] = await tx<{ address: PhoneNumber | EmailAddress }[]>`
    select coalesce(phone, email) as address from auth.accounts where id = ${id} for update`
  return row?.address
}

export async function exists(tx: Tx, id: AccountId): Promise<boolean> {
  const rows = await tx`select 1 from auth.accounts where id = ${id}`
  return rows.length > 0
}

export async function load(tx: Tx, id: AccountId): Promise<OwnAccount> {
  const [row] = await tx<OwnAccount[]>`
    select id as "accountId", phone, email, findable from auth.accounts where id = ${id}`
  if (!row) throw new Error('The account of the session does not exist')
  return row
}

/** Whether an account was created after `moment`. */
export async function isYounger(tx: Tx, id: AccountId, moment: Date): Promise<boolean> {
  const rows = await tx`
    select 1 from auth.accounts where id = ${id} and created_at > ${moment}`
  return rows.length > 0
}

export async function setFindable(tx: Tx, id: AccountId, findable: boolean) {
  await tx`update auth.accounts set findable = ${findable} where id = ${id}`
}

import type { Tx } from '@sotto/service-runtime'
import type { AccountId, BoxName } from '@sotto/wire'
import type { Day, KeptKeys, KeptKind } from '@sotto/wire/operator'

// Of each day and kind the first replaced one is kept, so that whoever writes every second pushes nothing out.

/** Keeps a box that is about to be replaced, if none of it was replaced on this day yet. */
export async function keepBox(tx: Tx, accountId: AccountId, name: BoxName, now: number) {
  await tx`
    insert into chat.kept_keys (account_id, kind, day, version, content, replaced_at)
    select account_id, name, ${dayOf(now)}::text::date, version, ciphertext, ${now}::bigint from chat.boxes
    where account_id = ${accountId} and name = ${name}
    on conflict do nothing`
}

/** The same for the manifest. */
export async function keepManifest(tx: Tx, accountId: AccountId, now: number) {
  await tx`
    insert into chat.kept_keys (account_id, kind, day, version, content, replaced_at)
    select account_id, 'manifest', ${dayOf(now)}::text::date, version, manifest, ${now}::bigint from chat.manifests
    where account_id = ${accountId}
    on conflict do nothing`
}

/** What is kept of an account, without the contents. */
export async function list(tx: Tx, accountId: AccountId): Promise<KeptKeys['kept']> {
  return tx<KeptKeys['kept']>`
    select kind, day::text, version, replaced_at as "replacedAt" from chat.kept_keys
    where account_id = ${accountId} order by day desc, kind`
}

export interface KeptKey {
  readonly kind: KeptKind
  readonly version: number
  readonly content: string
}

/** What was there when a day began, of each kind that was replaced since. */
export async function findBeginning(
  tx: Tx,
  accountId: AccountId,
  day: Day,
): Promise<readonly KeptKey[]> {
  return tx<KeptKey[]>`
    select distinct on (kind) kind, version, content from chat.kept_keys
    where account_id = ${accountId} and day >= ${day}::text::date order by kind, day`
}

/** Removes what was replaced before `moment`. */
export async function removeBefore(tx: Tx, moment: number) {
  await tx`delete from chat.kept_keys where replaced_at < ${moment}`
}

const dayOf = (now: number): Day => new Date(now).toISOString().slice(0, 10)

import type { Tx } from '@sotto/service-runtime'
import type { AccountId, BoxName } from '@sotto/wire'
import type { Day, KeptKeys, KeptKind } from '@sotto/wire/operator'

// For each day and kind, the first replaced entry is kept, so that an attacker who writes every
// second displaces nothing.

/** Keeps a box before it is replaced, unless it was already replaced on this day. */
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

/** The kept entries of an account, without their content. */
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

/** The state at the start of a day, for each kind that was replaced since. */
export async function findBeginning(
  tx: Tx,
  accountId: AccountId,
  day: Day,
): Promise<readonly KeptKey[]> {
  return tx<KeptKey[]>`
    select distinct on (kind) kind, version, content from chat.kept_keys
    where account_id = ${accountId} and day >= ${day}::text::date order by kind, day`
}

/** Removes entries that were replaced before `moment`. */
export async function removeBefore(tx: Tx, moment: number) {
  await tx`delete from chat.kept_keys where replaced_at < ${moment}`
}

const dayOf = (now: number): Day => new Date(now).toISOString().slice(0, 10)

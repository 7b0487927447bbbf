import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'

/** Records where an account has logged in from. `network` is a keyed hash. */
export async function remember(tx: Tx, accountId: AccountId, network: string, expiresAt: Date) {
  await tx`
    insert into auth.known_networks (network, account_id, expires_at)
    values (${network}, ${accountId}, ${expiresAt})
    on conflict (network) do update set expires_at = excluded.expires_at`
}

export async function isKnown(tx: Tx, network: string, now: Date): Promise<boolean> {
  const rows = await tx`
    select 1 from auth.known_networks where network = ${network} and expires_at > ${now}`
  return rows.length > 0
}

export async function removeExpired(tx: Tx, now: Date) {
  await tx`delete from auth.known_networks where expires_at <= ${now}`
}

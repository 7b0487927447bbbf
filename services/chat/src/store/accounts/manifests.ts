import type { Tx } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'

/** The newest manifest of an account. */
export interface StoredManifest {
  readonly version: number
  readonly manifest: string
}

export async function find(tx: Tx, accountId: AccountId): Promise<StoredManifest | undefined> {
  const [row] = await tx<StoredManifest[]>`
    select version, manifest from chat.manifests where account_id = ${accountId}`
  return row
}

/** Replaces the manifest. */
export async function put(tx: Tx, accountId: AccountId, { version, manifest }: StoredManifest) {
  await tx`
    insert into chat.manifests (account_id, version, manifest)
    values (${accountId}, ${version}, ${manifest})
    on conflict (account_id) do update set
      version = excluded.version, manifest = excluded.manifest`
}

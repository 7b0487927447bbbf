import { isDeepStrictEqual } from 'node:util'
import { type AccountId, Manifest } from '@sotto/wire'
import { eventually } from './eventually.ts'
import type { TestNetwork } from './network.ts'

/**
 * Expects the server's manifest to name the newest record and boxes on the server, and not the
 * first.
 */
export async function expectCurrentManifest(
  { database: { sql } }: TestNetwork,
  accountId: AccountId,
) {
  const versions = async () => {
    const boxes = await sql<{ name: string; version: number }[]>`
      select name, version from chat.boxes where account_id = ${accountId} order by name`
    const [row] = await sql<{ record: number; manifest: string }[]>`
      select record_version as record, manifest from chat.accounts
      join chat.manifests using (account_id) where account_id = ${accountId}`
    // There is no manifest between new keys and their first one.
    if (!row) return undefined
    const [, payload = ''] = row.manifest.split('.')
    const manifest = Manifest.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()))
    const stored = Object.fromEntries(boxes.map(({ name, version }) => [name, version]))
    return [
      { record: row.record, boxes: stored },
      { record: manifest.record, boxes: manifest.boxes },
    ] as const
  }
  await eventually('a manifest of what was written last', async () => {
    const found = await versions()
    if (!found) return false
    const [stored, named] = found
    const isChanged = (named.record ?? 0) > 1 || named.boxes.contacts > 1
    return isChanged && isDeepStrictEqual(stored, named)
  })
}

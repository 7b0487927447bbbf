import { DomainError } from '@sotto/service-runtime'
import { type Actor, MAX_VERSION_STEP, Manifest } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as keptKeys from '../../store/accounts/kept-keys.ts'
import * as manifests from '../../store/accounts/manifests.ts'
import { admitDevice } from '../devices/admit-device.ts'
import { transact } from '../eras/transact.ts'
import { parseStatement } from '../statements/statements.ts'
import { verifyStatement } from '../statements/verify-statement.ts'
import { ensureFollows } from '../statements/versions.ts'

export async function loadManifest(
  { sql }: ChatContext,
  { accountId }: Actor,
): Promise<string | null> {
  return (await manifests.find(sql, accountId))?.manifest ?? null
}

/**
 * Stores the next version of the manifest. Writing the same statement again is a retry after a lost
 * answer.
 */
export async function keepManifest(
  context: ChatContext,
  actor: Actor,
  { manifest, after }: { manifest: string; after?: number | undefined },
): Promise<void> {
  const { accountId } = actor
  const { account, version } = parseStatement('manifest', manifest, Manifest)
  if (account !== accountId) throw new DomainError('forbidden')

  await context.limits.consume('boxes', accountId + actor.deviceId)
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const published = await admitDevice(tx, actor)
    verifyStatement(manifest, published?.identityKey)
    const current = await manifests.find(tx, accountId)
    if (current?.manifest === manifest) return
    const currentVersion = current?.version ?? 0
    ensureFollows(version, { currentVersion, after, maxStep: MAX_VERSION_STEP })
    await keptKeys.keepManifest(tx, accountId, context.now())
    await manifests.put(tx, accountId, { version, manifest })
    await record([])
  })
}

import { DomainError } from '@sotto/service-runtime'
import type { Actor, BoxName, SealedBox } from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import * as boxes from '../store/boxes.ts'

export async function loadBox(
  { sql }: ChatContext,
  { accountId }: Actor,
  name: BoxName,
): Promise<SealedBox | null> {
  return (await boxes.find(sql, accountId, name)) ?? null
}

/** Keeps the next version of a box. The one that is there again is the retry of a lost answer. */
export async function keepBox(
  { sql }: ChatContext,
  { accountId }: Actor,
  name: BoxName,
  box: SealedBox,
): Promise<void> {
  if (await boxes.replace(sql, accountId, name, box)) return
  const current = await boxes.find(sql, accountId, name)
  const isRetry = current?.version === box.version && current.ciphertext === box.ciphertext
  if (!isRetry) throw new DomainError('stale_version', { currentVersion: current?.version ?? 0 })
}

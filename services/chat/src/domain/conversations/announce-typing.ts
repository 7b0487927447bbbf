import type { Broker, Sql } from '@sotto/service-runtime'
import type { AccountId, Command } from '@sotto/wire'
import * as participants from '../../store/conversations/participants.ts'
import * as devices from '../../store/devices/devices.ts'
import { canSeeEachOther } from './conversation-view.ts'

type TypingCommand = Extract<Command, { type: 'typing.announce' }>

const REMEMBER_MS = 10_000
const MAX_REMEMBERED = 10_000

/**
 * Notifies the others that a participant is typing. Nothing is stored. The recipients are cached
 * for ten seconds, because a typing device announces it every few seconds.
 */
export function createTypingAnnouncer(
  { sql, now }: { sql: Sql; now: () => number },
  broker: Broker,
): (command: TypingCommand) => Promise<void> {
  const remembered = new Map<string, { others: AccountId[]; until: number }>()

  async function findOthers({ conversationId, actor }: TypingCommand): Promise<AccountId[]> {
    const key = conversationId + actor.accountId + actor.deviceId
    const known = remembered.get(key)
    if (known && known.until > now()) return known.others
    const [standings, isRevoked] = await Promise.all([
      participants.list(sql, [conversationId]),
      devices.isRevoked(sql, actor),
    ])
    const others = isRevoked ? [] : canSeeEachOther(actor.accountId, standings)
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(key, { others, until: now() + REMEMBER_MS })
    return others
  }

  return async (command) => {
    const recipients = await findOthers(command)
    if (recipients.length === 0) return
    const { conversationId, actor } = command
    const { accountId } = actor
    await broker.publishToShards({ type: 'typing.started', recipients, conversationId, accountId })
  }
}

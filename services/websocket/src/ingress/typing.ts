import type { Broker, Logger } from '@sotto/service-runtime'
import type { Actor, ConversationId } from '@sotto/wire'

const MAX_BEING_SENT = 32

/**
 * Announces that a participant is typing. It is only a momentary hint, so it is dropped if it
 * cannot be sent immediately.
 */
export interface Typing {
  announce(actor: Actor, conversationId: ConversationId): void
  sweep(now: number): void
}

/** Each account announces each conversation at most once per `everyMs`, across all its devices. */
export function createTyping(broker: Broker, log: Logger, everyMs: number): Typing {
  const announcedAt = new Map<string, number>()
  let beingSent = 0

  return {
    announce(actor, conversationId) {
      const key = `${actor.accountId} ${conversationId}`
      const now = performance.now()
      const last = announcedAt.get(key)
      if (beingSent >= MAX_BEING_SENT || (last !== undefined && now - last < everyMs)) return
      announcedAt.set(key, now)
      beingSent += 1
      broker
        .sendCommand({ type: 'typing.announce', actor, conversationId })
        .catch((error: unknown) => log.debug({ err: error }, 'typing could not be sent'))
        .finally(() => {
          beingSent -= 1
        })
    },
    sweep(now) {
      for (const [key, at] of announcedAt) {
        if (now - at >= everyMs) announcedAt.delete(key)
      }
    },
  }
}

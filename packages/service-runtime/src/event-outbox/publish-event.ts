import type { Broker } from '../broker/broker.ts'
import type { OutboxEvent } from './recorded-events.ts'

/** Resolves when the broker has taken the event. */
export function publishEvent(broker: Broker, event: OutboxEvent): Promise<void> {
  switch (event.type) {
    case 'sessions.end':
    case 'code.deliver':
    case 'account.remove':
    case 'account.forget':
    case 'new_keys.tell':
      return broker.sendJob(event)
    default:
      return 'recipients' in event ? broker.publishToShards(event) : broker.publishToAll(event)
  }
}

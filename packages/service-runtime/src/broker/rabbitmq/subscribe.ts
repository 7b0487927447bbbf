import type { Broker } from '../broker.ts'
import { shardsOf, type Topics } from '../topics.ts'
import { EVERYBODY, instanceKey, shardKey } from './addresses.ts'
import type { AddressedEvent } from './bodies.ts'
import type { Lane } from './publish-batches.ts'
import type { EventReceiver } from './receive-events.ts'

type Publishers = Pick<Broker, 'publishToShards' | 'publishToInstance' | 'publishToAll'>
type Subscribers = Pick<Broker, 'subscribeShards' | 'subscribeInstance' | 'subscribeAll'>

export function createPublishers(lane: Lane<AddressedEvent>): Publishers {
  const send = (keys: readonly string[], event: unknown) =>
    lane.send({ keys, text: JSON.stringify(event) })
  return {
    publishToShards: (event) => send(shardsOf(event).map(shardKey), event),
    publishToInstance: (id, event) => send([instanceKey(id)], event),
    publishToAll: (event) => send([EVERYBODY], event),
  }
}

/** Creates the subscriptions of this process. The receiver registers them with the broker. */
export function createSubscribers(topics: Topics, receiver: EventReceiver): Subscribers {
  return {
    async subscribeShards(initial, handler) {
      const { close, setKey } = topics.shards.subscribe(new Set(initial), handler)
      await receiver.followWanted()
      return {
        close,
        async setShards(next) {
          setKey(new Set(next))
          await receiver.followWanted()
        },
      }
    },
    async subscribeInstance(id, handler) {
      const subscription = topics.instances.subscribe(id, handler)
      await receiver.followWanted()
      return subscription
    },
    async subscribeAll(handler) {
      const subscription = topics.all.subscribe(null, handler)
      await receiver.followWanted()
      return subscription
    },
  }
}

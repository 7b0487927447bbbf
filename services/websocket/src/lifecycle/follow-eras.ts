import type { Broker, Subscription } from '@sotto/service-runtime'

/**
 * Calls `onBegan` once for every era that begins, so that connected devices compare their logs
 * immediately. If the event is lost, they learn of the era when they next read `/changes`, which
 * they do every two minutes.
 */
export function followEras(broker: Broker, onBegan: () => void): Promise<Subscription> {
  let latest: string | undefined
  return broker.subscribeAll((event) => {
    // An event may arrive twice. Devices that have reconnected since know the era.
    if (event.type !== 'era.began' || event.era === latest) return
    latest = event.era
    onBegan()
  })
}

import type { Broker, Logger, ShardSubscription } from '@sotto/service-runtime'
import type { AccountEvent } from '@sotto/wire'

interface Dependencies {
  readonly broker: Broker
  readonly log: Logger
  readonly keepShardMs: number
  readonly onEvent: (event: AccountEvent) => void
}

/**
 * Subscribes to the shards of the accounts that are connected here, and keeps a shard for a while
 * after the last one left, because most return.
 */
export class ShardWatch {
  readonly #deps: Dependencies
  readonly #subscription: ShardSubscription
  readonly #holders = new Map<number, number>()
  /** Shards without holders, and since when. */
  readonly #unheldSince = new Map<number, number>()
  #subscribed: ReadonlySet<number> = new Set()
  #updating: Promise<void> | undefined

  private constructor(deps: Dependencies, subscription: ShardSubscription) {
    this.#deps = deps
    this.#subscription = subscription
  }

  static async start(deps: Dependencies): Promise<ShardWatch> {
    return new ShardWatch(deps, await deps.broker.subscribeShards([], deps.onEvent))
  }

  /**
   * Holds a shard for one connection. When it resolves, events of the shard arrive. Only then may
   * the device start to catch up; otherwise it would miss what happens in between. The caller must
   * release it in any case.
   */
  async hold(shard: number): Promise<void> {
    this.#holders.set(shard, (this.#holders.get(shard) ?? 0) + 1)
    this.#unheldSince.delete(shard)
    while (!this.#subscribed.has(shard)) await this.#update()
  }

  release(shard: number) {
    const left = (this.#holders.get(shard) ?? 0) - 1
    if (left > 0) {
      this.#holders.set(shard, left)
    } else {
      this.#holders.delete(shard)
      this.#unheldSince.set(shard, performance.now())
    }
  }

  /** Drops the shards that have had no holder for a while. */
  sweep(now: number) {
    for (const [shard, since] of this.#unheldSince) {
      if (now - since >= this.#deps.keepShardMs) this.#unheldSince.delete(shard)
    }
    const wanted = this.#wanted()
    if (wanted.size === this.#subscribed.size) return
    this.#update().catch((error: unknown) => {
      this.#deps.log.warn({ err: error }, 'shards could not be subscribed')
    })
  }

  async close() {
    await this.#subscription.close()
  }

  #wanted(): Set<number> {
    return new Set([...this.#holders.keys(), ...this.#unheldSince.keys()])
  }

  /** One change at a time, because two concurrent ones could be applied in either order. */
  #update(): Promise<void> {
    this.#updating ??= this.#apply(this.#wanted()).finally(() => {
      this.#updating = undefined
    })
    return this.#updating
  }

  async #apply(wanted: ReadonlySet<number>) {
    // From here on, callers must not rely on a shard that is about to be dropped.
    this.#subscribed = new Set([...this.#subscribed].filter((shard) => wanted.has(shard)))
    await this.#subscription.setShards(wanted)
    this.#subscribed = wanted
  }
}

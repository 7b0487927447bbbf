import type { AccountId, Actor } from '@sotto/wire'
import type { WebsocketConfig } from '../settings.ts'
import type { Connection } from './connection.ts'

interface Counts {
  open: number
  unauthenticated: number
}

/** All connections of this instance, indexed by account and counted by address. */
export class Connections {
  readonly #config: WebsocketConfig
  readonly #all = new Set<Connection>()
  readonly #byAccount = new Map<AccountId, Connection[]>()
  readonly #byAddress = new Map<string, Counts>()
  #unauthenticated = 0

  constructor(config: WebsocketConfig) {
    this.#config = config
  }

  get size(): number {
    return this.#all.size
  }

  /** The number of authenticated connections. */
  get authenticated(): number {
    return this.#all.size - this.#unauthenticated
  }

  /** All connections whose socket is not closed yet. */
  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#all.values()
  }

  /** The live connections of an account. Do not keep the array: it changes. */
  ofAccount(accountId: AccountId): readonly Connection[] {
    return this.#byAccount.get(accountId) ?? []
  }

  /** Whether `address` may open one more. */
  mayOpen(address: string): boolean {
    const { open, unauthenticated } = this.#byAddress.get(address) ?? {
      open: 0,
      unauthenticated: 0,
    }
    return (
      this.#all.size < this.#config.maxConnections &&
      this.#unauthenticated < this.#config.maxUnauthenticated &&
      open < this.#config.maxConnectionsPerAddress &&
      unauthenticated < this.#config.maxUnauthenticatedPerAddress
    )
  }

  open(connection: Connection) {
    this.#all.add(connection)
    const counts = this.#byAddress.get(connection.address) ?? { open: 0, unauthenticated: 0 }
    counts.open += 1
    counts.unauthenticated += 1
    this.#byAddress.set(connection.address, counts)
    this.#unauthenticated += 1
  }

  /** Assigns the connection to the actor's account; false if the account has too many. */
  join(connection: Connection, actor: Actor): boolean {
    const others = this.#byAccount.get(actor.accountId)
    if (others && others.length >= this.#config.maxConnectionsPerAccount) return false
    if (others) others.push(connection)
    else this.#byAccount.set(actor.accountId, [connection])
    this.#countAuthenticated(connection)
    connection.actor = actor
    return true
  }

  /** The connection is closing: it can no longer be found, but counts until it is closed. */
  leave(connection: Connection) {
    if (!connection.actor) return this.#countAuthenticated(connection)
    const { accountId } = connection.actor
    const others = this.ofAccount(accountId).filter((other) => other !== connection)
    if (others.length > 0) this.#byAccount.set(accountId, others)
    else this.#byAccount.delete(accountId)
  }

  /** The socket was closed. */
  forget(connection: Connection) {
    this.#all.delete(connection)
    const counts = this.#byAddress.get(connection.address)
    if (!counts) return
    counts.open -= 1
    if (counts.open === 0) this.#byAddress.delete(connection.address)
  }

  #countAuthenticated(connection: Connection) {
    this.#unauthenticated -= 1
    const counts = this.#byAddress.get(connection.address)
    if (counts) counts.unauthenticated -= 1
  }
}

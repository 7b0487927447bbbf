import type { ConversationId } from '@sotto/wire'
import { eventually } from '../network/eventually.ts'
import { Person } from '../network/people.ts'
import type { ClusterProcess } from '../programs/cluster-process.ts'
import { type Counters, readConnections, readCounters } from './counters.ts'
import type { ProductionCluster } from './production.ts'

/** Alice and Bob on a cluster, with a conversation in each protocol. */
export class TwoPeople implements AsyncDisposable {
  readonly alice: Person
  readonly bob: Person
  readonly ecdh: ConversationId
  readonly rsa: ConversationId
  /** The close codes of the connections of Alice's device. */
  readonly closes: number[]
  readonly #cluster: ClusterProcess
  readonly #bobsSocket: () => WebSocket | undefined

  static async start({ cluster, place }: ProductionCluster): Promise<TwoPeople> {
    const closes: number[] = []
    let bobsSocket: WebSocket | undefined
    const watchedSocket = (url: string) => {
      const socket = new WebSocket(url)
      socket.addEventListener('close', ({ code }) => closes.push(code))
      return socket
    }
    const keptSocket = (url: string) => {
      bobsSocket = new WebSocket(url)
      return bobsSocket
    }
    const options = { withRsa: true }
    const alice = await Person.signUp(place, 'alice', {
      ...options,
      createWebSocket: watchedSocket,
    })
    const bob = await Person.signUp(place, 'bob', { ...options, createWebSocket: keptSocket })
    const ecdh = await alice.startConversation(bob, 'ecdh')
    const rsa = await bob.startConversation(alice, 'rsa')
    return new TwoPeople({ alice, bob, ecdh, rsa, closes }, cluster, () => bobsSocket)
  }

  private constructor(
    parts: Pick<TwoPeople, 'alice' | 'bob' | 'ecdh' | 'rsa' | 'closes'>,
    cluster: ClusterProcess,
    bobsSocket: () => WebSocket | undefined,
  ) {
    this.alice = parts.alice
    this.bob = parts.bob
    this.ecdh = parts.ecdh
    this.rsa = parts.rsa
    this.closes = parts.closes
    this.#cluster = cluster
    this.#bobsSocket = bobsSocket
  }

  /** Reconnects Bob until the two are connected to different websocket instances. */
  async meetApart(): Promise<Counters> {
    const areApart = async () => {
      await this.bob.device.online()
      if ((await readConnections(this.#cluster)).join() === '1,1') return true
      this.#bobsSocket()?.close()
      await eventually('the connection to end', () => {
        return this.#bobsSocket()?.readyState === WebSocket.CLOSED
      })
      return false
    }
    await eventually('two connections at two instances', areApart)
    return readCounters(this.#cluster)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.alice, this.bob].map((person) => person.leave()))
  }
}

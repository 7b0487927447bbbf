import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AccountEvent, type AccountId, InstanceId, shardOf } from '@sotto/wire'
import type { WebSocket } from 'ws'
import { EnvelopeCollector } from '../batching/collect-batch.ts'
import { ReceiptCollector } from '../batching/collect-receipts.ts'
import { Verdicts } from '../batching/verdicts.ts'
import { Connection } from '../connections/connection.ts'
import { Connections } from '../connections/connections.ts'
import type { WebsocketContext } from '../context.ts'
import { Backpressure } from '../ingress/backpressure.ts'
import { createHandshake } from '../ingress/handshake.ts'
import { createFrameLimits } from '../ingress/limit-frames.ts'
import { type ReceiveDependencies, receive } from '../ingress/receive-frames.ts'
import { createTyping } from '../ingress/typing.ts'
import { measureInstance, measureWebsocket } from '../measure.ts'
import { pushEvent } from '../push/push-envelopes.ts'
import { ShardWatch } from '../push/shard-watch.ts'
import { followEras } from './follow-eras.ts'
import { restartConnections } from './restart-connections.ts'
import { watchSessions } from './session-watch.ts'
import { createSweep } from './sweep-connections.ts'

/** A started service with its own instance id, subscribed to the broker. */
export interface Instance {
  readonly connections: number
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void
  /** Accepts no more frames, delivers the verdicts in flight, and closes every connection. */
  close(): Promise<void>
}

export async function runInstance(deps: WebsocketContext): Promise<Instance> {
  const { broker, log, config, metrics } = deps
  const instanceId = InstanceId.parse(randomUUID())
  const connections = new Connections(config)
  const verdicts = new Verdicts()
  const { acceptSeconds, deliveries } = measureWebsocket(metrics)
  const envelopes = new EnvelopeCollector({ ...deps, instanceId, verdicts, acceptSeconds })
  const receipts = new ReceiptCollector(broker, log)
  const backpressure = new Backpressure(() => envelopes.isFull || receipts.isFull)
  const limits = createFrameLimits(config, metrics)
  const typing = createTyping(broker, log, config.typingEveryMs)

  const pushTo = (accountId: AccountId) => connections.ofAccount(accountId)
  const onEvent = (event: AccountEvent) => pushEvent(pushTo, event, deliveries)
  const shards = await ShardWatch.start({ broker, log, keepShardMs: config.keepShardMs, onEvent })
  const subscriptions = [
    broker.onInterrupted(() => {
      envelopes.interrupted()
      restartConnections(connections, config.spreadRestartMs)
    }),
    await broker.subscribeInstance(instanceId, (event) => {
      envelopes.decided(event)
      backpressure.relieve()
    }),
    await watchSessions({ ...deps, connections, envelopes }),
    await followEras(broker, () => restartConnections(connections, config.spreadRestartMs)),
    shards,
  ]

  const parts = { connections, shards, limits, envelopes, receipts, typing, backpressure }
  const mayOpen = (address: string) => connections.mayOpen(address)
  const handshake = createHandshake(config, deps, mayOpen, opener({ ...deps, ...parts }))
  measureInstance(metrics, connections, envelopes)
  const sweep = createSweep(config, connections)
  const ticker = setInterval(() => {
    const now = performance.now()
    for (const part of [envelopes, receipts, shards, limits, typing, handshake]) part.sweep(now)
    sweep(now)
    backpressure.relieve()
  }, config.sweepEveryMs)

  return {
    get connections() {
      return connections.size
    },
    upgrade: handshake.upgrade,
    async close() {
      for (const { socket } of connections) socket.pause()
      const until = performance.now() + config.drainWithinMs
      const isIdle = () => envelopes.isIdle && receipts.isIdle
      while (!isIdle() && performance.now() < until) await sleep(5)
      verdicts.flush()
      await Promise.all([...connections].map((connection) => connection[Symbol.asyncDispose]()))
      clearInterval(ticker)
      for (const subscription of subscriptions) await subscription.close()
    },
  }
}

/** Sets up a new WebSocket. */
function opener(deps: ReceiveDependencies) {
  const { connections, shards, config } = deps
  const owner = {
    maxBufferedBytes: config.maxBufferedBytes,
    leave(connection: Connection) {
      connections.leave(connection)
      if (connection.actor) shards.release(shardOf(connection.actor.accountId))
    },
  }

  return (socket: WebSocket, stream: Duplex, address: string) => {
    const connection = new Connection(owner, socket, stream, address)
    connections.open(connection)
    const heard = () => {
      connection.heardAt = performance.now()
      connection.isPinged = false
      if (!connection.isClosing) deps.limits.admitControl(connection)
    }
    socket.on('message', (data, isBinary) => receive(deps, connection, data as Buffer, isBinary))
    socket.on('ping', heard)
    socket.on('pong', heard)
    // The library has already told the peer, with the matching code of RFC 6455.
    socket.on('error', () => connection.ended())
    socket.on('close', () => {
      connection.ended()
      connections.forget(connection)
    })
  }
}

import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  type Broker,
  createMetrics,
  type Logger,
  type Metrics,
  type PartHealth,
  type Proxies,
  type ReadEndedSessions,
  type TokenVerifier,
} from '@sotto/service-runtime'
import type { FastifyPluginAsync } from 'fastify'
import { refuseUpgrade } from './ingress/handshake.ts'
import { type Instance, runInstance } from './lifecycle/run-instance.ts'
import { type WebsocketSettings, withDefaults } from './settings.ts'

/** What a websocket service is made of. */
export interface WebsocketDeps {
  readonly broker: Broker
  readonly log: Logger
  readonly config: WebsocketSettings
  readonly verifier: TokenVerifier
  /** From the auth service: no connection of a session that has ended stays or comes. */
  readonly readEndedSessions: ReadEndedSessions
  readonly metrics?: Metrics
  /** Whose word about addresses is taken; nobody's by default. */
  readonly proxies?: Proxies
}

export interface WebsocketService {
  /** Takes every upgrade of the server that it is registered in; `WEBSOCKET_PATH` is the only good one. */
  readonly plugin: FastifyPluginAsync
  health(): Promise<PartHealth>
  /** Subscribes to the broker and learns which sessions have ended. Before, upgrades get 503. */
  start(): Promise<void>
  /** Delivers the verdicts in flight, then closes every connection with 1012. The broker must live on. */
  close(): Promise<void>
}

/** The live connections of devices: takes their frames to the chat service and pushes to them. */
export function createWebsocketService(deps: WebsocketDeps): WebsocketService {
  const config = withDefaults(deps.config)
  const metrics = deps.metrics ?? createMetrics()
  let instance: Instance | undefined
  let closed: Promise<void> | undefined

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer) {
    if (instance && !closed) instance.upgrade(request, stream, head)
    else refuseUpgrade(stream, 'unavailable')
  }

  function close(): Promise<void> {
    closed ??= instance?.close() ?? Promise.resolve()
    return closed
  }

  return {
    async plugin(app) {
      app.server.on('upgrade', upgrade)
      // Before the server waits for its connections to end, which ours would not do by themselves.
      app.addHook('preClose', close)
    },
    async health() {
      const isOk = instance !== undefined && !closed && deps.broker.isHealthy()
      return {
        status: isOk ? 'ok' : 'degraded',
        detail: `${instance?.connections ?? 0} connections`,
      }
    },
    async start() {
      instance ??= await runInstance({ ...deps, config, metrics, proxies: deps.proxies })
    },
    close,
  }
}

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

/** The dependencies of a websocket service. */
export interface WebsocketDependencies {
  readonly broker: Broker
  readonly log: Logger
  readonly config: WebsocketSettings
  readonly verifier: TokenVerifier
  /** From the auth service: connections of ended sessions are closed and rejected. */
  readonly readEndedSessions: ReadEndedSessions
  readonly metrics?: Metrics
  /** The proxies that are trusted about addresses; none by default. */
  readonly proxies?: Proxies
}

export interface WebsocketService {
  /**
   * Handles every upgrade of the server in which it is registered; only `WEBSOCKET_PATH` is valid.
   */
  readonly plugin: FastifyPluginAsync
  health(): Promise<PartHealth>
  /** Subscribes to the broker and loads the ended sessions. Until then, upgrades get 503. */
  start(): Promise<void>
  /**
   * Delivers the verdicts in flight, then closes every connection with 1012. The broker must stay
   * open until then.
   */
  close(): Promise<void>
}

/**
 * Manages the live connections of devices: passes their frames to the chat service and pushes
 * events to them.
 */
export function createWebsocketService(deps: WebsocketDependencies): WebsocketService {
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
      // Before the server waits for its connections to end, because ours would not end by
      // themselves.
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

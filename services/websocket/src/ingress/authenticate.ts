import { DomainError, type Logger, type TokenVerifier } from '@sotto/service-runtime'
import { type Actor, CloseCode, shardOf } from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'
import type { Connections } from '../connections/connections.ts'
import type { ShardWatch } from '../push/shard-watch.ts'
import type { WebsocketConfig } from '../settings.ts'

export interface AuthenticateDependencies {
  readonly config: WebsocketConfig
  readonly log: Logger
  readonly verifier: TokenVerifier
  readonly connections: Connections
  readonly shards: ShardWatch
}

/**
 * Processes a token. The first one determines whom the connection speaks for, later ones only
 * extend its time. After that, the identity is the token's, and no frame can change it.
 */
export async function authenticate(
  deps: AuthenticateDependencies,
  connection: Connection,
  token: string,
) {
  const number = connection.frames
  connection.isVerifying = true
  try {
    const { actor, expiresAt } = await deps.verifier.verify(token)
    if (connection.isClosing) return
    if (connection.actor) ensureSame(connection.actor, actor)
    else await enter(deps, connection, actor)
    connection.expiresAt = expiresAt
    connection.isReady = true
    connection.send({
      type: 'authenticated',
      accountId: actor.accountId,
      deviceId: actor.deviceId,
      expiresAt,
      heartbeatSeconds: Math.ceil(deps.config.silentAfterMs / 1000),
    })
  } catch (error) {
    refuse(deps.log, connection, number, error)
  } finally {
    connection.isVerifying = false
  }
}

async function enter(deps: AuthenticateDependencies, connection: Connection, actor: Actor) {
  // From here on, the connection is indexed, so that it does not miss the end of its session, but
  // it gets no pushes yet: the device catches up when it receives `authenticated`.
  if (!deps.connections.join(connection, actor)) throw new DomainError('too_many')
  await deps.shards.hold(shardOf(actor.accountId))
}

/** A connection never changes its owner, not even to another session of the same account. */
function ensureSame(former: Actor, { accountId, deviceId, sessionId }: Actor) {
  const isSame =
    former.accountId === accountId && former.deviceId === deviceId && former.sessionId === sessionId
  if (!isSame) throw new DomainError('forbidden')
}

function refuse(log: Logger, connection: Connection, number: number, error: unknown) {
  const code = error instanceof DomainError ? error.code : 'unavailable'
  if (!(error instanceof DomainError)) log.error({ err: error }, 'authentication failed')
  connection.refuse(code, { frame: number, type: 'authenticate' })
  if (code === 'unavailable') connection.close(CloseCode.serviceRestart)
  else if (code === 'too_many') connection.close(CloseCode.policyViolation)
  else if (code === 'device_not_proven') connection.close(CloseCode.notProven)
  else connection.close(CloseCode.unauthenticated)
}

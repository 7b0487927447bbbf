import { type Actor, type ClientFrame, CloseCode } from '@sotto/wire'
import type { EnvelopeCollector } from '../batching/collect-batch.ts'
import type { ReceiptCollector } from '../batching/collect-receipts.ts'
import type { Connection } from '../connections/connection.ts'
import { textFrame } from '../connections/text-frame.ts'
import { type AuthenticateDependencies, authenticate } from './authenticate.ts'
import type { Backpressure } from './backpressure.ts'
import type { FrameLimits } from './limit-frames.ts'
import { type ParsedFrame, parseFrame } from './parse-frame.ts'
import type { Typing } from './typing.ts'

export interface ReceiveDependencies extends AuthenticateDependencies {
  readonly limits: FrameLimits
  readonly envelopes: EnvelopeCollector
  readonly receipts: ReceiptCollector
  readonly typing: Typing
  readonly backpressure: Backpressure
}

const PONG = textFrame(JSON.stringify({ type: 'pong' }))

/** Processes one message of a peer, from its bytes to its effects. */
export function receive(
  deps: ReceiveDependencies,
  connection: Connection,
  data: Buffer,
  isBinary: boolean,
) {
  if (connection.isClosing) return
  connection.heardAt = performance.now()
  connection.isPinged = false
  connection.frames += 1
  if (isBinary) return connection.close(CloseCode.unsupportedData)

  const parsed = parseFrame(data.toString())
  const { actor } = connection
  if (!connection.isReady || !actor) return receiveFirst(deps, connection, parsed)
  const isWhole = parsed.faults.length === 0 && parsed.refused.length === 0
  if (!isWhole && !deps.limits.malformed(connection, parsed.faults)) return
  deps.envelopes.reject(connection, parsed.refused)
  if (!parsed.frame) return
  if (deps.limits.admit(connection, parsed.frame)) act(deps, connection, actor, parsed.frame)
  else if (parsed.frame.type === 'send') {
    deps.envelopes.refuse(connection, parsed.frame.envelopes, 'rate_limited')
  }
}

/** An unauthenticated peer may only send one token. */
function receiveFirst(
  deps: ReceiveDependencies,
  connection: Connection,
  { frame, faults: [fault] }: ParsedFrame,
) {
  if (frame?.type === 'authenticate' && !connection.isVerifying) {
    authenticate(deps, connection, frame.token)
  } else {
    const details = frame ? { type: frame.type } : fault
    connection.refuse(frame ? 'unauthenticated' : 'invalid_request', {
      frame: connection.frames,
      ...details,
    })
    connection.close(CloseCode.unauthenticated)
  }
}

function act(deps: ReceiveDependencies, connection: Connection, actor: Actor, frame: ClientFrame) {
  switch (frame.type) {
    case 'authenticate':
      if (connection.isVerifying) deps.limits.malformed(connection, [{ type: frame.type }])
      else authenticate(deps, connection, frame.token)
      break
    case 'send':
      deps.envelopes.add(connection, actor, frame.envelopes)
      deps.backpressure.pauseIfFull(connection)
      break
    case 'receipts':
      deps.receipts.add(actor, frame.receipts)
      deps.backpressure.pauseIfFull(connection)
      break
    case 'typing':
      deps.typing.announce(actor, frame.conversationId)
      break
    case 'ping':
      connection.write(PONG)
      break
    default:
      frame satisfies never
  }
}

import { Protocol } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'

/** The protocol with this name. Throws `protocol_not_supported` for one that only a newer version has. */
export function knownProtocol(name: string): Protocol {
  const known = Protocol.safeParse(name)
  if (!known.success) throw new ClientError('protocol_not_supported', { protocol: name })
  return known.data
}

/** For a branch that the compiler considers unreachable, so that no message is sealed by a guess. */
export function unknownProtocol(protocol: never): ClientError {
  return new ClientError('protocol_not_supported', { protocol: String(protocol) })
}

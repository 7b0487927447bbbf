import { Protocol } from '@sotto/wire'
import { ClientError } from '../api/errors.ts'

/** The protocol with this name. Throws `protocol_not_supported` for one that only a newer version knows. */
export function knownProtocol(name: string): Protocol {
  const known = Protocol.safeParse(name)
  if (!known.success) throw new ClientError('protocol_not_supported', { protocol: name })
  return known.data
}

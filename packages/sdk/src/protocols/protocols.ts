import { createEcdh } from './ecdh.ts'
import type { MessageKeys } from './message-keys.ts'
import type { Protocols } from './port.ts'
import { createRsa } from './rsa.ts'

/** The protocols of this version. */
export function createProtocols(keys: MessageKeys): Protocols {
  return { ecdh: createEcdh(keys), rsa: createRsa(keys) }
}

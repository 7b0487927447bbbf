import type { Me } from '../account/state/account-state.ts'
import { createEcdh } from './ecdh.ts'
import { createMessageKeys } from './message-keys.ts'
import type { Protocols } from './port.ts'
import { createRsa } from './rsa.ts'

/** Creates every protocol for an unlocked account. */
export type CreateProtocols = (me: () => Me) => Protocols

/** The protocols of this version. */
export const createProtocols: CreateProtocols = (me) => {
  const keys = createMessageKeys(me)
  return { ecdh: createEcdh(keys), rsa: createRsa(keys) }
}

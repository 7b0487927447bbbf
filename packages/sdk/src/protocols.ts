/** The port behind which protocols are implemented: for protocols of other packages, and for tests. */
export type {
  ConversationProtocol,
  Opened,
  Opening,
  Protocols,
  Sealed,
  Sealing,
} from './protocols/port.ts'
export { type CreateProtocols, createProtocols } from './protocols/protocols.ts'
export type { ProtocolState } from './storage/records/conversations.ts'

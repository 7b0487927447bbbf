/** What a screen may look for in a text before it asks anything of the client. */
export {
  type FoundRecoveryCodes,
  findRecoveryCodes,
  type KeyFileFacts,
  type KeyFileKind,
} from '@sotto/crypto'
export type * from './api.ts'
export { ChatClient, type ChatClientOptions } from './chat-client.ts'
export type { ClientSocket, CreateWebSocket, WatchNetwork } from './connection.ts'
export { ClientError } from './errors.ts'
export { createMemoryStorage } from './memory-storage.ts'
export type { PasswordPort } from './password-port.ts'
export {
  type Change,
  COLLECTIONS,
  type Collection,
  type KeyRange,
  type Storage,
  type StoredEntry,
} from './storage.ts'

/** Checks on text that an app can make before it calls the client. */
export {
  type FoundRecoveryCodes,
  findRecoveryCodes,
  type KeyFileFacts,
  type KeyFileKind,
} from '@sotto/crypto'
export type * from './api/answers.ts'
export type * from './api/client-port.ts'
export type * from './api/commands.ts'
export type * from './api/error-codes.ts'
export { ClientError } from './api/errors.ts'
export type { PasswordPort } from './api/password-port.ts'
export { viewName } from './api/view-name.ts'
export type * from './api/views.ts'
export { ChatClient } from './engine/chat-client.ts'
export type { ChatClientOptions } from './engine/chat-client-options.ts'
export { createMemoryStorage } from './storage/adapters/memory-storage.ts'
export {
  type Change,
  COLLECTIONS,
  type Collection,
  type KeyRange,
  type Storage,
  type StoredEntry,
} from './storage/storage.ts'
export type { ClientSocket, CreateWebSocket, WatchNetwork } from './transport/connection.ts'

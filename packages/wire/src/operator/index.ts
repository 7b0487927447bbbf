// The interface between the operator's commands and the services. Kept apart because no client
// needs it.
export * from './auth-requests.ts'
export * from './chat-requests.ts'
export * from './kept-keys.ts'
export * from './storage.ts'

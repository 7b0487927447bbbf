// What the operator's commands and the services say to each other. Apart from the rest: no client needs it.
export * from './auth-requests.ts'
export * from './chat-requests.ts'
export * from './kept-keys.ts'
export * from './storage.ts'

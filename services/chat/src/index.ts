export * from './chat-service.ts'
export {
  type ChatConfig,
  chatVariables,
  directoryVariables,
  isDirectoryOpen,
  newKeysDelayHours,
  readChatConfig,
} from './config.ts'
export { chatLimits } from './limits.ts'
export { quotasOf, quotaVariables, usualQuotas } from './quota-variables.ts'
export { CONVERSATION_BYTES, ENVELOPE_BYTES } from './store/usage/account-usage.ts'

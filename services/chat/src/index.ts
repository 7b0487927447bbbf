export * from './chat-service.ts'
export {
  type ChatConfig,
  chatConfigOf,
  chatSettings,
  chatVariables,
  readChatConfig,
} from './config.ts'
export { chatLimits } from './limits.ts'
export { usualQuotas } from './quota-variables.ts'
export { CONVERSATION_BYTES, ENVELOPE_BYTES } from './store/usage/account-usage.ts'

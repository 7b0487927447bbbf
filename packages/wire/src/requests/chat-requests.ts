import { Usage } from '../usage.ts'
import { boxRequests } from './box-requests.ts'
import { conversationRequests } from './conversation-requests.ts'
import { deviceRequests } from './device-requests.ts'
import { endpoint } from './endpoint.ts'
import { logRequests } from './log-requests.ts'
import { userRequests } from './user-requests.ts'

/** The endpoints of the chat service. Those with access `log-in` unlock, create and stop keys. */
export const chatRequests = {
  ...userRequests,
  ...deviceRequests,
  ...boxRequests,
  ...conversationRequests,
  ...logRequests,
  /** How much the caller's account has stored, and how much it may store. */
  ownUsage: endpoint({
    method: 'GET',
    path: '/usage',
    access: 'account',
    response: Usage,
  }),
} as const

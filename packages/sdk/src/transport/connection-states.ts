import { defineStateTable } from '../state-tables/define-state-table.ts'

/** The states of a device's single WebSocket. */
export type ConnectionState =
  /** Offline with nothing planned: before the first attempt, or after the session has ended. */
  | 'idle'
  /** Offline until the next planned attempt. */
  | 'waiting'
  /** Waiting for an access token. */
  | 'getting_token'
  /** The socket is opening, or the token was sent and the server hasn't answered yet. */
  | 'authenticating'
  | 'online'
  | 'closed'

export type ConnectionEvent =
  /** The wait is over, the network is back, or the person asked for it. */
  | 'attempt'
  /** The access token has arrived. */
  | 'token'
  /** The server has authenticated this device. */
  | 'authenticated'
  /** No token, no socket, no network, silence, or an impossible answer. */
  | 'lost'
  /** The session has ended. */
  | 'refused'
  | 'close'

/** The connection. Tokens and sockets of earlier attempts cause no events. */
export const CONNECTION = defineStateTable<ConnectionState, ConnectionEvent>({
  initial: 'idle',
  final: ['closed'],
  transitions: {
    idle: { attempt: 'getting_token', lost: null, close: 'closed' },
    waiting: { attempt: 'getting_token', lost: 'waiting', close: 'closed' },
    getting_token: {
      attempt: null,
      token: 'authenticating',
      lost: 'waiting',
      refused: 'idle',
      close: 'closed',
    },
    authenticating: {
      attempt: null,
      authenticated: 'online',
      lost: 'waiting',
      refused: 'idle',
      close: 'closed',
    },
    online: {
      attempt: null,
      authenticated: 'online',
      lost: 'waiting',
      refused: 'idle',
      close: 'closed',
    },
    closed: { attempt: null, lost: null, close: null },
  },
})

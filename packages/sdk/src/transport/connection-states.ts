import { defineStateTable } from '../state-tables/define-state-table.ts'

/** The states of the one WebSocket of a device. */
export type ConnectionState =
  /** Offline, and nothing is planned: before the first attempt, and after the session has ended. */
  | 'idle'
  /** Offline until the next attempt, which is planned. */
  | 'waiting'
  /** Gets an access token. */
  | 'getting_token'
  /** The socket opens, the token is sent, and the server's answer is awaited. */
  | 'authenticating'
  | 'online'
  | 'closed'

export type ConnectionEvent =
  /** The wait is over, the network is back, or the person wants it. */
  | 'attempt'
  /** The access token is here. */
  | 'token'
  /** The server knows this device. */
  | 'authenticated'
  /** No token, no socket, no network, silence, or an answer that cannot be right. */
  | 'lost'
  /** The session has ended. */
  | 'refused'
  | 'close'

/** The connection. Tokens and sockets of an earlier attempt cause no event. */
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

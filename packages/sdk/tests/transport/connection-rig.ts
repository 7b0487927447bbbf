import type { ClientFrame, ServerFrame } from '@sotto/wire'
import { vi } from 'vitest'
import { Connection } from '../../src/transport/connection.ts'
import type { TokenSource } from '../../src/transport/http.ts'

/** The server's end of a socket, driven by the test. */
class Socket extends EventTarget {
  readonly sent: ClientFrame[] = []
  readyState = 0
  send(text: string) {
    this.sent.push(JSON.parse(text) as ClientFrame)
  }
  close() {
    this.readyState = 3
  }
  open() {
    this.readyState = 1
    this.dispatchEvent(new Event('open'))
  }
  push(frame: ServerFrame | string) {
    const data = typeof frame === 'string' ? frame : JSON.stringify(frame)
    this.dispatchEvent(new MessageEvent('message', { data }))
  }
  fail() {
    this.dispatchEvent(new Event('error'))
  }
  end(code: number) {
    this.readyState = 3
    this.dispatchEvent(Object.assign(new Event('close'), { code }))
  }
}

export const authenticated = {
  type: 'authenticated',
  accountId: '0b1f5c3a-5a76-4a0e-9b53-1f5a3c2b4d10' as never,
  deviceId: '0b1f5c3a-5a76-4a0e-9b53-1f5a3c2b4d10' as never,
  expiresAt: 0,
  heartbeatSeconds: 30,
} satisfies ServerFrame
export const otherId = '5b0c9d4e-8a3f-4c55-8a52-7c7f6b1f0e21' as never

/** A connection over sockets whose other end is the test. */
export function connect({
  access = async () => 'a token',
  renew = async () => 'a new token',
}: Partial<TokenSource> = {}) {
  const sockets: Socket[] = []
  const events: string[] = []
  const failures: unknown[] = []
  let setOnline = (_: boolean) => {}
  const connection = new Connection({
    origin: 'https://chat.example',
    createWebSocket: (url) => {
      events.push(url)
      const socket = new Socket()
      sockets.push(socket)
      return socket as never
    },
    tokens: {
      access,
      renew,
      endsAt: () => Date.now() + 900_000,
      adopt: async () => {},
      drop: () => {},
    },
    proveLogIn: async () => {
      events.push('prove')
    },
    random: () => 0.5,
    now: Date.now,
    watchNetwork: (changed) => {
      setOnline = changed
      return () => {}
    },
    isOwn: ({ accountId, deviceId }) =>
      accountId === authenticated.accountId && deviceId === authenticated.deviceId,
    onError: (error) => failures.push(error),
    onConnected: () => events.push('connected'),
    suspect: () => events.push('suspect'),
    onDisconnected: () => events.push('disconnected'),
    onFrame: ({ type }) => events.push(type),
    onTraffic: () => {},
    onSessionEnd: () => events.push('session ended'),
    onChange: () => {},
  })
  const last = () => sockets.at(-1) as Socket
  const online = async () => {
    await vi.advanceTimersByTimeAsync(0)
    last().open()
    last().push(authenticated)
  }
  return {
    connection,
    sockets,
    events,
    failures,
    last,
    online,
    setOnline: (to: boolean) => setOnline(to),
  }
}

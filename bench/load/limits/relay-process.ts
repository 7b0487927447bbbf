/**
 * The lower bound: two people who communicate through nothing but Node and `ws`. Forwards each
 * frame of the connection `/NUMBER/a` to `/NUMBER/b` and stores nothing. Reports its port to the
 * process that forked it.
 */
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

const receivers = new Map<string, WebSocket>()
const options = { host: '127.0.0.1', port: 0, perMessageDeflate: false, clientTracking: false }
const server = new WebSocketServer(options, () => {
  process.send?.((server.address() as AddressInfo).port)
})
server.on('connection', (socket, { url = '' }) => {
  const [, pair = '', end] = url.split('/')
  if (end === 'b') receivers.set(pair, socket)
  else socket.on('message', (data) => receivers.get(pair)?.send(data, { binary: false }))
})
process.once('disconnect', () => process.exit(0))

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer, WebSocket as WsClient } from 'ws'
import { startGateway } from './start-gateway.ts'

/** A service that holds a request until the test lets it answer, and holds WebSockets forever. */
let server: Server
let sockets: WebSocket[]
let held: (() => void)[]
beforeEach(async () => {
  sockets = []
  held = []
  const webSockets = new WebSocketServer({ noServer: true })
  server = createServer((_, response) => {
    held.push(() => response.end('{"is":"whole"}'))
  })
  server.on('upgrade', (request, socket, head) => {
    webSockets.handleUpgrade(request, socket as Socket, head, (one) => sockets.push(one))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(() => {
  for (const socket of sockets) socket.terminate()
  server.closeAllConnections()
  server.close()
})

const upstream = () => ({ servers: [`127.0.0.1:${(server.address() as AddressInfo).port}`] })
const upstreams = () => ({ auth: upstream(), chat: upstream(), websocket: upstream() })

const isRefused = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.on('error', () => resolve(true))
  })

test('when stopped, it accepts no one, finishes requests, closes the WebSockets, then exits', async () => {
  await using gateway = await startGateway({ upstreams: upstreams(), closeWithinSeconds: 3 })
  const socket = new WsClient(`${gateway.origin.replace('http', 'ws')}/ws`)
  await once(socket, 'open')
  const closed = once(socket, 'close')
  const answer = fetch(`${gateway.origin}/users`)
  await expect.poll(() => held.length).toBe(1)

  const ended = gateway.end('SIGQUIT')
  await expect.poll(() => isRefused(gateway.plainPort)).toBe(true)
  expect(socket.readyState).toBe(WsClient.OPEN)
  held[0]?.()
  expect(await (await answer).json()).toEqual({ is: 'whole' })
  await closed
  expect(await ended).toBe(0)
})

test('without connections, it stops immediately', async () => {
  // An hour, which would exceed the test's time limit.
  await using gateway = await startGateway({ upstreams: upstreams() })
  expect((await fetch(`${gateway.origin}/live`)).status).toBe(204)
  expect(await gateway.end('SIGQUIT')).toBe(0)
})

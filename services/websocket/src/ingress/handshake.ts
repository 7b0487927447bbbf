import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { countRefused, type Metrics, type Proxies } from '@sotto/service-runtime'
import { type ErrorCode, httpStatus, MAX_FRAME_BYTES, WEBSOCKET_PATH } from '@sotto/wire'
import { type WebSocket, WebSocketServer } from 'ws'
import { createRateByKey, type RateByKey } from '../rate.ts'
import type { WebsocketConfig } from '../settings.ts'

// A frame of the maximum size arrives in about 200 packets. A message in many more fragments costs
// memory for each and must be malicious.
const MAX_FRAGMENTS = 64
const MAX_BUFFERED_CHUNKS = 1_024

type Opened = (socket: WebSocket, stream: Duplex, address: string) => void

/** Upgrades HTTP requests to WebSockets, or refuses them on the raw socket. */
export interface Handshake {
  /** For the `upgrade` event of an HTTP server. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void
  sweep(now: number): void
}

export function createHandshake(
  config: WebsocketConfig,
  { metrics, proxies }: { metrics: Metrics; proxies: Proxies | undefined },
  mayOpen: (address: string) => boolean,
  opened: Opened,
): Handshake {
  // In a variable, because the library's types do not include all of these options.
  const options = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    closeTimeout: config.closeWithinMs,
    handleProtocols: (): false => false,
  }
  const server = new WebSocketServer(options)
  const rate = createRateByKey(config.handshakeRate)
  const limited = countRefused(metrics, 'handshakes')
  const addressOf = (request: IncomingMessage) => {
    proxies?.check(request)
    return (proxies ? proxies.addressOf(request) : request.socket.remoteAddress) ?? ''
  }

  return {
    upgrade(request, stream, head) {
      const address = networkOf(addressOf(request))
      const refusal =
        refuseRequest(config, request) ?? refuseAddress(rate, mayOpen(address), address)
      if (refusal === 'rate_limited') limited.add()
      if (refusal) return refuseUpgrade(stream, refusal)
      server.handleUpgrade(request, stream, head, (socket) => opened(socket, stream, address))
    },
    sweep: (now) => rate.sweep(now),
  }
}

function refuseRequest(
  { allowedOrigins, allowMissingOrigin }: WebsocketConfig,
  { url = '', headers }: IncomingMessage,
): ErrorCode | undefined {
  // URLs end up in logs of proxies and browsers, so they must not contain tokens.
  if (url.startsWith(`${WEBSOCKET_PATH}?`)) return 'invalid_request'
  if (url !== WEBSOCKET_PATH) return 'not_found'
  const isAllowed =
    headers.origin === undefined ? allowMissingOrigin : allowedOrigins.includes(headers.origin)
  return isAllowed ? undefined : 'forbidden'
}

function refuseAddress(rate: RateByKey, mayOpen: boolean, address: string): ErrorCode | undefined {
  if (rate.take(address, 1, performance.now()) > 0) return 'rate_limited'
  return mayOpen ? undefined : 'unavailable'
}

/** Answers a refused upgrade on the raw socket. */
export function refuseUpgrade(stream: Duplex, code: ErrorCode) {
  const status = httpStatus[code]
  const body = JSON.stringify({ code })
  stream.on('error', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    () => stream.destroy(),
  )
}

/** The unit that limits count: the IPv4 address, or the /64 that one IPv6 customer usually has. */
export function networkOf(address: string): string {
  if (address.includes('.')) return address.slice(address.lastIndexOf(':') + 1)
  const [front = '', back = ''] = address.split('::', 2)
  const groups = front.split(':').filter((group) => group !== '')
  const missing = 8 - groups.length - back.split(':').filter((group) => group !== '').length
  if (address.includes('::')) groups.push(...Array<string>(Math.max(0, missing)).fill('0'))
  return groups.slice(0, 4).join(':')
}

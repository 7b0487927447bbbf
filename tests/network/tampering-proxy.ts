import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { type RawData, WebSocket, WebSocketServer } from 'ws'

/** An HTTP exchange on its way through the proxy. Changes to it take effect. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly requestBody: string
  status: number
  responseBody: string
}

/** Recorded traffic, with its kind. */
export interface Recorded {
  /** `request POST /users`, `header authorization`, `answer to GET /boxes/keys`, `frame to the server: send`. */
  readonly what: string
  readonly text: string
}

/** Possible changes to the traffic. Each function sees everything and changes what it likes. */
export interface Tampering {
  /** Called before a request is forwarded; answering here keeps it from the server. */
  request?(exchange: Exchange): Promise<'forward' | 'answered'> | 'forward' | 'answered'
  response?(exchange: Exchange): Promise<void> | void
  /** Frames from a device; the returned frames are forwarded to the server, in that order. */
  fromClient?(frame: string): string[]
  /** Frames to a device; the returned frames are forwarded to the device, in that order. */
  fromServer?(frame: string, toClient: (frame: string) => void): string[]
}

/** Answers requests of one kind with 503, and forwards none of them. */
export function failing(method: string, path: string): Tampering {
  return {
    request(exchange) {
      if (exchange.method !== method || exchange.path !== path) return 'forward'
      exchange.status = 503
      return 'answered'
    },
  }
}

/**
 * A proxy between devices and the real server. It records every byte, and lets a test play a lying
 * server. Everything that it is not told to change passes unchanged.
 */
export class TamperingProxy {
  readonly recorded: Recorded[] = []
  tampering: Tampering = {}
  #server = createServer((request, response) => void this.#forward(request, response))
  #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  #upstream: string

  private constructor(upstream: string) {
    this.#upstream = upstream
    this.#server.on('upgrade', (request, socket, head) => {
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#relay(client, request))
    })
  }

  static async start(upstream: string): Promise<TamperingProxy> {
    const proxy = new TamperingProxy(upstream)
    await new Promise<void>((done) => proxy.#server.listen(0, '127.0.0.1', done))
    return proxy
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Closes every live WebSocket, like a lost network. */
  cut(): void {
    for (const client of this.#sockets.clients) client.terminate()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut()
    this.#server.closeAllConnections()
    await new Promise((done) => this.#server.close(done))
  }

  async #forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const exchange: Exchange = {
        method: request.method ?? 'GET',
        path: request.url ?? '/',
        requestBody: Buffer.concat(chunks).toString('utf8'),
        status: 502,
        responseBody: '',
      }
      this.#recordRequest(request, exchange)
      const headers = await this.#exchange(request, exchange)
      const endpoint = `${exchange.method} ${pathOf(exchange)}`
      const answer = JSON.stringify(headers) + exchange.responseBody
      this.recorded.push({ what: `answer to ${endpoint}`, text: answer })
      await this.tampering.response?.(exchange)
      response.writeHead(exchange.status, headers)
      response.end(exchange.responseBody)
    } catch {
      response.destroy()
    }
  }

  #recordRequest(request: IncomingMessage, exchange: Exchange): void {
    const { method, path, requestBody } = exchange
    this.recorded.push({ what: `request ${method} ${pathOf(exchange)}`, text: path + requestBody })
    for (const [name, value] of Object.entries(request.headers)) {
      this.recorded.push({ what: `header ${name}`, text: String(value) })
    }
  }

  async #exchange(request: IncomingMessage, exchange: Exchange): Promise<OutgoingHttpHeaders> {
    const json = { 'content-type': 'application/json' }
    if ((await this.tampering.request?.(exchange)) === 'answered') return json
    const forwarded: Record<string, string> = {}
    for (const name of ['authorization', 'content-type', 'cookie', 'origin']) {
      const value = request.headers[name]
      if (typeof value === 'string') forwarded[name] = value
    }
    const answer = await fetch(this.#upstream + exchange.path, {
      method: exchange.method,
      headers: forwarded,
      body: exchange.requestBody === '' ? null : exchange.requestBody,
    })
    exchange.status = answer.status
    exchange.responseBody = await answer.text()
    const cookies = answer.headers.getSetCookie()
    return {
      'content-type': answer.headers.get('content-type') ?? 'application/json',
      ...(cookies.length > 0 && { 'set-cookie': cookies }),
    }
  }

  #recordFrame(direction: string, text: string): void {
    const { type } = JSON.parse(text) as { type?: string }
    this.recorded.push({ what: `frame ${direction}: ${type}`, text })
  }

  #relay(client: WebSocket, request: IncomingMessage): void {
    this.recorded.push({ what: 'address of a WebSocket', text: request.url ?? '' })
    const server = new WebSocket(this.#upstream.replace('http', 'ws') + (request.url ?? ''), {
      perMessageDeflate: false,
    })
    const early: string[] = []
    const toServer = (frame: string) => {
      if (server.readyState === WebSocket.OPEN) server.send(frame)
      else early.push(frame)
    }
    const toClient = (frame: string) => {
      if (client.readyState === WebSocket.OPEN) client.send(frame)
    }
    server.on('open', () => {
      for (const frame of early) server.send(frame)
    })
    client.on('message', (data: RawData) => {
      this.#recordFrame('to the server', String(data))
      const frames = this.tampering.fromClient?.(String(data)) ?? [String(data)]
      frames.forEach(toServer)
    })
    server.on('message', (data: RawData) => {
      this.#recordFrame('to a device', String(data))
      const frames = this.tampering.fromServer?.(String(data), toClient) ?? [String(data)]
      frames.forEach(toClient)
    })
    client.on('close', () => server.terminate())
    client.on('error', () => server.terminate())
    server.on('close', (code) => client.close(code >= 4000 ? code : 1012))
    server.on('error', () => client.terminate())
  }
}

function pathOf({ path }: Exchange): string {
  return path.split('?')[0] ?? path
}

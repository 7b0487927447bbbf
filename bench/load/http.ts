import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** A request to Sotto. Throws with the answer's code unless it succeeds. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly token?: string
  readonly body?: unknown
}

/** Sends a request over a kept-alive connection and returns the response body as text. */
export function callForText(
  origin: string,
  { method, path, token, body }: ApiRequest,
): Promise<string> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  const headers = {
    ...(text !== undefined && {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  }
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const sent = request(`${origin}${path}`, { agent, method, headers }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('error', reject)
    answer.on('end', () => {
      const answered = Buffer.concat(chunks).toString()
      if (answer.statusCode === 200) resolve(answered)
      else reject(new Error(`${method} ${path}: ${answer.statusCode} ${answered}`))
    })
  })
  sent.on('error', reject)
  sent.end(text)
  return promise
}

/** The same with the body parsed. */
export async function call<T>(origin: string, wanted: ApiRequest): Promise<T> {
  return JSON.parse(await callForText(origin, wanted)) as T
}

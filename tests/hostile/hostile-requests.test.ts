import { authRequests, chatRequests, type Endpoint, ErrorAnswer } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ServerProcess } from '../programs/server-process.ts'
import { callServer, logIn } from './call-server.ts'
import { examplesOf, withEachStringReplaced } from './every-leaf.ts'
import { hostileBodies, hostileStrings } from './hostile-strings.ts'

let server: ServerProcess
let accessToken: string

beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000' })
  accessToken = await logIn(server, '+4915123456789')
})
afterAll(() => server[Symbol.asyncDispose]())

const call = (method: string, path: string, body?: BodyInit, token?: string) =>
  callServer(server, method, path, body, token)

type Answer = ReturnType<typeof call>

/** No input may cause an error of ours, and every rejection has a code. */
function isTyped(answer: Awaited<Answer>, endpoint: Endpoint): boolean {
  const isKnown = ErrorAnswer.safeParse(JSON.parse(answer.body)).success
  const isAnswer = endpoint.response.safeParse(JSON.parse(answer.body)).success
  return answer.status < 500 && (answer.status < 300 ? isAnswer : isKnown)
}

const endpoints = Object.entries({ ...authRequests, ...chatRequests } as Record<string, Endpoint>)
  // These end the session that the test uses.
  .filter(([name]) => name !== 'logOut')

const fillPath = (endpoint: Endpoint, params: unknown) =>
  endpoint.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  )

const firstExample = (schema: Endpoint['params']) => (schema ? examplesOf(schema)[0] : {})

/** A URL cannot contain an empty segment, or dots, which mean parent folders. */
const staysOneSegment = (text: string) =>
  text !== '' &&
  text.isWellFormed() &&
  new URL(`http://a/${encodeURIComponent(text)}/b`).pathname.split('/').length === 3

/** The `cases` whose answer is not typed. Some run concurrently. */
async function untyped<T>(cases: readonly T[], endpoint: Endpoint, send: (one: T) => Answer) {
  const found: { one: T; answer: Awaited<Answer> }[] = []
  const left = [...cases]
  const work = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const answer = await send(one)
      if (!isTyped(answer, endpoint)) found.push({ one, answer })
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return found
}

test.each(endpoints.filter(([, { body }]) => body !== undefined))(
  '%s: a hostile string in any field of the body gets a typed answer',
  async (_, endpoint) => {
    const path = fillPath(endpoint, firstExample(endpoint.params))
    const examples = endpoint.body ? examplesOf(endpoint.body) : []
    const bodies = hostileStrings.flatMap((hostile) =>
      examples.flatMap((example) => withEachStringReplaced(example, hostile)),
    )
    const send = (body: unknown) => call(endpoint.method, path, JSON.stringify(body), accessToken)
    expect(await untyped(bodies, endpoint, send)).toEqual([])
  },
)

test.each(endpoints.filter(([, { params }]) => params !== undefined))(
  '%s: a hostile string in the path gets a typed answer',
  async (_, endpoint) => {
    const examples = endpoint.params ? examplesOf(endpoint.params) : []
    const body = endpoint.body ? JSON.stringify(examplesOf(endpoint.body)[0]) : undefined
    const paths = hostileStrings
      .filter(staysOneSegment)
      .flatMap((hostile) => examples.flatMap((example) => withEachStringReplaced(example, hostile)))
      .map((params) => fillPath(endpoint, params))
    const send = (path: string) => call(endpoint.method, path, body, accessToken)
    expect(await untyped(paths, endpoint, send)).toEqual([])
  },
)

test('every case of the JSON parsing suite as a body gets a typed answer', async () => {
  const endpoint = authRequests.startPhone
  const send = (body: Buffer) => call('POST', endpoint.path, new Uint8Array(body))
  expect(await untyped(hostileBodies, endpoint, send)).toEqual([])
})

test('a hostile name in a query gets a typed answer', async () => {
  const endpoint = chatRequests.listUsers
  const queries = hostileStrings
    .filter((text) => text.isWellFormed())
    .map((name) => `${endpoint.path}?${new URLSearchParams({ name })}`)
  const send = (path: string) => call('GET', path, undefined, accessToken)
  expect(await untyped(queries, endpoint, send)).toEqual([])
})

test('afterwards, the server is healthy and has logged no error of its own', async () => {
  expect((await call('GET', '/health')).status).toBe(200)
  expect(await server.logs()).not.toMatch(/"level":"?(50|60|error|fatal)/)
})

import { ClientFrame, CloseCode, type ConversationId, ServerFrame } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Person } from '../network/people.ts'
import { ServerProcess } from '../programs/server-process.ts'
import { logIn } from './call-server.ts'
import { examplesOf, withEachStringReplaced } from './every-leaf.ts'
import { FrameSocket } from './frame-socket.ts'
import { hostileStrings } from './hostile-strings.ts'

/** More malformed frames close a connection. */
const FRAMES_PER_CONNECTION = 8
const CONNECTIONS_AT_ONCE = 8

let server: ServerProcess
let token: string
let alice: Person
let bob: Person
let conversation: ConversationId
/** The connection states of well-behaved devices. */
const states: unknown[] = []

beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000' })
  token = await logIn(server, '+4915123456789')
  let phones = 0
  const network = {
    origin: server.origin,
    newPhone: () => `+491512400000${++phones}`,
    codeFor: (address: string) => server.codeFor(address),
  }
  alice = await Person.signUp(network, 'alice')
  bob = await Person.signUp(network, 'bob')
  conversation = await alice.startConversation(bob)
  for (const { device } of [alice, bob]) {
    const key = { view: 'connection' } as const
    device.client.subscribe(key, () => states.push(device.client.snapshot(key)))
  }
})
afterAll(async () => {
  await Promise.all([alice, bob].map((person) => person.leave()))
  await server[Symbol.asyncDispose]()
})

const frames = hostileStrings.flatMap((hostile) =>
  examplesOf(ClientFrame).flatMap((example) => withEachStringReplaced(example, hostile)),
)
// A token is an arbitrary string, so a frame with a hostile one is well-formed.
const isAuthenticate = (frame: unknown) =>
  (frame as { type: string }).type === 'authenticate' && ClientFrame.safeParse(frame).success

/** Runs `work` for all `cases`, some of them concurrently. */
async function each<T>(cases: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = cases.values()
  const worker = async () => {
    for (const one of left) await work(one)
  }
  await Promise.all(Array.from({ length: CONNECTIONS_AT_ONCE }, worker))
}

function inParts<T>(all: readonly T[], size: number): T[][] {
  const starts = Array.from({ length: Math.ceil(all.length / size) }, (_, n) => n * size)
  return starts.map((start) => all.slice(start, start + size))
}

/** Whether a frame reports an error, or that nothing was accepted. */
function isRefusal(text: string): boolean {
  const frame = ServerFrame.parse(JSON.parse(text))
  if (frame.type === 'verdicts') return frame.verdicts.every(({ fate }) => fate === 'refused')
  return frame.type === 'error' && frame.code !== 'internal'
}

async function logInWith(socket: FrameSocket): Promise<void> {
  socket.send({ type: 'authenticate', token })
  const {
    frames: [answer = ''],
  } = await socket.receive(1)
  expect(JSON.parse(answer)).toMatchObject({ type: 'authenticated' })
}

test('rejects every frame with a hostile string in any field by name', async () => {
  const hostile = frames.filter((frame) => !isAuthenticate(frame))
  expect(hostile.length).toBeGreaterThan(10 * hostileStrings.length)
  const wrong: unknown[] = []

  await each(inParts(hostile, FRAMES_PER_CONNECTION), async (part) => {
    using socket = await FrameSocket.open(server.origin)
    await logInWith(socket)
    for (const frame of part) socket.send(frame)
    const { frames: answers, answered, closeCode } = await socket.receive(part.length)
    if (answered !== part.length || !answers.every(isRefusal)) {
      wrong.push({ part, answers, closeCode })
    }
  })

  expect(wrong).toEqual([])
})

test('rejects every hostile token, and closes the connection', async () => {
  const wrong: unknown[] = []

  await each(frames.filter(isAuthenticate), async (frame) => {
    using socket = await FrameSocket.open(server.origin)
    socket.send(frame)
    const { frames: answers, closeCode } = await socket.receive(2)
    const isRefused = answers.length === 1 && answers.every(isRefusal)
    if (!isRefused || closeCode !== CloseCode.unauthenticated) wrong.push({ frame, answers })
  })

  expect(wrong).toEqual([])
})

test('a client that keeps sending malformed frames is disconnected', async () => {
  using socket = await FrameSocket.open(server.origin)
  await logInWith(socket)
  for (let n = 0; n < 50; n++) socket.send({ type: hostileStrings[n] })

  const { frames: answers, closeCode } = await socket.receive(50)

  expect(answers.length).toBeLessThan(20)
  expect(answers.every(isRefusal)).toBe(true)
  expect(closeCode).toBe(CloseCode.policyViolation)
})

test('afterwards, others continue on their existing connections', async () => {
  await alice.send(conversation, 'still there?')

  expect((await bob.nextMessage()).text).toBe('still there?')
  expect(states).toEqual([])
  expect([...alice.device.failures, ...bob.device.failures]).toEqual([])
  expect(await server.logs()).not.toMatch(/"level":"?(50|60|error|fatal)/)
})

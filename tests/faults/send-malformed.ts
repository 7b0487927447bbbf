/** Sends malformed frames from a thread of its own, so that whoever measures does not wait for it. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { randomFrom } from '../network/random-from.ts'
import { malformedFrame } from './malformed-frames.ts'

/** What `send-malformed.ts` is started with. */
export interface Attack {
  /** Of the WebSocket. */
  readonly url: string
  readonly token: string
  readonly seed: number
  /** Frames. */
  readonly count: number
}

const AT_ONCE = 10
/** Of each connection between two frames: 1,000 frames a second of all. */
const PAUSE_MS = 10

const { url, token, seed, count } = workerData as Attack
const random = randomFrom(seed)
let left = count

await Promise.all(Array.from({ length: AT_ONCE }, attack))

/** Goes on with a new connection when the server closes one. */
async function attack(): Promise<void> {
  while (left > 0) await attackOnce()
}

async function attackOnce(): Promise<void> {
  const socket = new WebSocket(url)
  socket.on('error', () => {})
  await once(socket, 'open')
  let isClosed = false
  socket.on('close', () => {
    isClosed = true
  })
  socket.send(JSON.stringify({ type: 'authenticate', token }))
  await once(socket, 'message')
  while (!isClosed && left > 0) {
    left -= 1
    // As text mostly, and some as what no device sends.
    socket.send(malformedFrame(random), { binary: random() < 0.02 })
    await sleep(PAUSE_MS)
  }
  socket.terminate()
}

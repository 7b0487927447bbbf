/** Sends malformed frames from a separate thread, so that the measuring thread doesn't have to wait for it. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { randomFrom } from '../../network/random-from.ts'
import { malformedFrame } from './malformed-frames.ts'

/** The arguments of `send-malformed.ts`. */
export interface Attack {
  /** The URL of the WebSocket. */
  readonly url: string
  readonly token: string
  readonly seed: number
  /** The number of frames. */
  readonly count: number
}

const AT_ONCE = 10
/** Each connection's pause between two frames: 1,000 frames a second in total. */
const PAUSE_MS = 10

const { url, token, seed, count } = workerData as Attack
const random = randomFrom(seed)
let left = count

await Promise.all(Array.from({ length: AT_ONCE }, attack))

/** Continues on a new connection if the server closes one. */
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
    // Mostly as text, and some as binary, which no device sends.
    socket.send(malformedFrame(random), { binary: random() < 0.02 })
    await sleep(PAUSE_MS)
  }
  socket.terminate()
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { WebSocket } from 'ws'
import { cpuSecondsOf } from '../cpu-time.ts'
import { socketOptions } from '../device.ts'
import { nextCiphertext } from '../pairs.ts'
import { latencies, rounded } from '../percentiles.ts'

/** The figures of bare WebSockets in the same run. */
export interface RelayLimit {
  deliveredPerSecond: number
  cpuMicrosPerMessage: number
  p50Ms: number
  p99Ms: number
}

/**
 * Passes messages of the same size between the same number of pairs through a relay of `ws` that
 * stores nothing.
 */
export async function measureRelay(how: {
  pairs: number
  inFlight: number
  seconds: number
}): Promise<RelayLimit> {
  const relay = fork(fileURLToPath(new URL('relay-process.ts', import.meta.url)))
  try {
    const [port] = (await once(relay, 'message')) as [number]
    return await passOn(relay, port, how)
  } finally {
    relay.disconnect()
    await once(relay, 'exit')
  }
}

async function passOn(
  relay: ChildProcess,
  port: number,
  { pairs, inFlight, seconds }: { pairs: number; inFlight: number; seconds: number },
): Promise<RelayLimit> {
  let delivered = 0
  let ages: number[] = []
  const open = async (path: string) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, socketOptions)
    await once(socket, 'open')
    return socket
  }
  const sockets: WebSocket[] = []
  for (let pair = 0; pair < pairs; pair++) {
    const receiver = await open(`/${pair}/b`)
    const sender = await open(`/${pair}/a`)
    sockets.push(receiver, sender)
    const send = () =>
      sender.send(JSON.stringify({ sentAt: performance.now(), ciphertext: nextCiphertext() }))
    receiver.on('message', (data: Buffer) => {
      delivered += 1
      ages.push(performance.now() - JSON.parse(data.toString('latin1')).sentAt)
      send()
    })
    for (let n = 0; n < inFlight; n++) send()
  }
  await sleep(1_000)
  ages = []
  const pids = [relay.pid ?? 0]
  const [before, cpuBefore, start] = [delivered, await cpuSecondsOf(pids), performance.now()]
  await sleep(seconds * 1000)
  const count = delivered - before
  const elapsed = (performance.now() - start) / 1000
  const cpu = (await cpuSecondsOf(pids)) - cpuBefore
  for (const socket of sockets) socket.terminate()
  return {
    deliveredPerSecond: Math.round(count / elapsed),
    cpuMicrosPerMessage: rounded((cpu * 1e6) / count, 1),
    ...latencies(ages),
  }
}

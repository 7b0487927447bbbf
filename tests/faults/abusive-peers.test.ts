import { setTimeout as sleep } from 'node:timers/promises'
import { CloseCode, MAX_BODY_BYTES, MAX_FRAME_BYTES, WEBSOCKET_PATH } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../network/eventually.ts'
import { clientFrame, RawConnection, upgradeRequest } from './disturbances/raw-http.ts'
import { isLong, nothingWrong, runFault, seeds, within } from './run/fault-run.ts'
import { type Sotto, startTopology, topologies } from './run/topologies.ts'

const SLOW_CONNECTIONS = isLong ? 1_000 : 300
const CLOSED_WITHIN_MS = 10_000
/** How late a check of the deadlines may be. */
const TOLERANCE_MS = 2_500

describe.each(topologies)('%s', (topology) => {
  let sotto: Sotto
  beforeAll(async () => {
    sotto = await startTopology(topology)
  })
  afterAll(() => sotto?.[Symbol.asyncDispose]())

  test.each(seeds)('slow, dribbling connections are closed (seed %d)', async (seed) => {
    let slowest = 0
    const run = await runFault({
      row: 13,
      fault: `slowloris, ${SLOW_CONNECTIONS} connections`,
      topology,
      place: sotto,
      seed,
      strikes: 1,
      async strike({ load }) {
        const attackers = await Promise.all(
          Array.from({ length: SLOW_CONNECTIONS }, () => RawConnection.open(sotto.origin)),
        )
        for (const { socket } of attackers) socket.write('GET / HTTP/1.1\r\nX: ')
        await Promise.all(attackers.map((one) => one.dribble(() => 'x', 500, 60_000)))
        slowest = Math.max(...attackers.map(({ livedMs }) => livedMs))
        for (const one of attackers) one[Symbol.dispose]()
        expect(load.devices.every(({ isOnline }) => isOnline)).toBe(true)
      },
    })

    await run.keep({ closed: `after ${(slowest / 1000).toFixed(1)} s at the latest` })
    expect(run.findings).toMatchObject(nothingWrong)
    expect(slowest).toBeLessThan(within(CLOSED_WITHIN_MS + TOLERANCE_MS))
  })

  test('a body that is too large is refused by its declared length, before it arrives', async () => {
    using connection = await RawConnection.open(sotto.origin)
    connection.socket.write(head(sotto.origin, `Content-Length: ${100 * MAX_BODY_BYTES}`))

    const answer = await answerOf(connection)

    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  })

  test('a body without a length is refused once it is too large', async () => {
    using connection = await RawConnection.open(sotto.origin)
    connection.socket.write(head(sotto.origin, 'Transfer-Encoding: chunked'))
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`

    const dribbling = connection.dribble(() => chunk, 5, CLOSED_WITHIN_MS)
    const answer = await answerOf(connection)
    connection.socket.destroy()
    const sent = await dribbling

    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
    // The test cannot control what is in flight when the answer comes.
    expect(sent).toBeLessThan(MAX_BODY_BYTES + 16 * chunk.length)
  })

  test('a frame that is too large is refused by its declared length, before it arrives', async () => {
    using connection = await upgraded(sotto.origin)
    connection.socket.write(clientFrame(0x81, 100 * MAX_FRAME_BYTES))

    expect(await closeCodeOf(connection)).toBe(CloseCode.tooLarge)
  })

  test('a flood of tiny fragments ends the connection, whoever sends it', async () => {
    using connection = await upgraded(sotto.origin)
    connection.socket.write(clientFrame(0x01, 1, Buffer.from('{')))

    const dribbling = connection.dribble(() => clientFrame(0x00, 1, Buffer.from(' ')), 1, 10_000)
    const code = await closeCodeOf(connection)
    connection.socket.destroy()

    expect(code).toBe(CloseCode.policyViolation)
    await dribbling
  })

  test('a connection that says nothing after its upgrade is closed', async () => {
    using connection = await upgraded(sotto.origin)

    expect(await closeCodeOf(connection)).toBe(CloseCode.unauthenticated)

    const tookMs = performance.now() - connection.openedAt
    expect(tookMs).toBeLessThan(within(CLOSED_WITHIN_MS + TOLERANCE_MS))
  })
})

function head(origin: string, lengthHeader: string): string {
  const host = new URL(origin).host
  return `POST /auth/phone/start HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n${lengthHeader}\r\n\r\n`
}

async function answerOf(connection: RawConnection): Promise<string> {
  return eventually('an answer', () => {
    return connection.received.length > 0 && connection.received.toString('latin1')
  })
}

/** A connection that was upgraded to a WebSocket and has sent no frame yet. */
async function upgraded(origin: string): Promise<RawConnection> {
  const connection = await RawConnection.open(origin)
  connection.socket.write(upgradeRequest(origin, WEBSOCKET_PATH))
  await eventually('the upgrade', () => connection.received.includes('\r\n\r\n'))
  expect(connection.received.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /)
  connection.received = Buffer.alloc(0)
  return connection
}

/** The code of the close frame that the server sends, past the frames before it. */
async function closeCodeOf(connection: RawConnection): Promise<number> {
  const code = await eventually('the close of the connection', async () => {
    await sleep(10)
    let { received } = connection
    while (received.length >= 4) {
      const length = (received[1] ?? 0) & 0x7f
      if (received[0] === 0x88) return received.readUInt16BE(2)
      received = received.subarray(2 + length)
    }
    return undefined
  })
  return code
}

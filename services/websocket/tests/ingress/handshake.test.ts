import { expect, test } from 'vitest'
import { networkOf } from '../../src/ingress/handshake.ts'
import { handshake, RawSocket } from '../raw-socket.ts'
import { newActor, ORIGIN, Testbed, tokenFor } from '../testbed.ts'

test.each([
  ['a good handshake', '/ws', handshake(), 101],
  ['an allowed origin', '/ws', handshake({ Origin: ORIGIN }), 101],
  ['a foreign origin', '/ws', handshake({ Origin: 'https://evil.example' }), 403],
  ['an origin that only starts like ours', '/ws', handshake({ Origin: `${ORIGIN}.evil.net` }), 403],
  ['the opaque origin', '/ws', handshake({ Origin: 'null' }), 403],
  ['an empty origin', '/ws', handshake({ Origin: '' }), 403],
  ['two origins', '/ws', `${handshake({ Origin: ORIGIN })}Origin: https://evil.example\r\n`, 403],
  ['a query string', '/ws?token=secret', handshake(), 400],
  ['an empty query string', '/ws?', handshake(), 400],
  ['another path', '/', handshake(), 404],
  ['a longer path', '/ws/', handshake(), 404],
  ['a path below', '/ws/../ws', handshake(), 404],
  ['an encoded path', '/%77s', handshake(), 404],
  ['an absolute address', 'http://chat.example/ws', handshake(), 404],
  ['an upgrade to HTTP/2', '/ws', handshake({ Upgrade: 'h2c' }), 400],
  ['no key', '/ws', handshake({ 'Sec-WebSocket-Key': undefined }), 400],
  ['a short key', '/ws', handshake({ 'Sec-WebSocket-Key': 'AAAA' }), 400],
  ['an old version', '/ws', handshake({ 'Sec-WebSocket-Version': '7' }), 400],
])('%s', async (_, path, headers, status) => {
  await using bed = await Testbed.start()
  const raw = await RawSocket.connect(bed.port)
  expect((await raw.upgrade(path, headers)).status).toBe(status)
  if (status !== 101) await raw.ended
  raw.socket.destroy()
})

test('rejects a handshake by POST', async () => {
  await using bed = await Testbed.start()
  const raw = await RawSocket.connect(bed.port)
  expect((await raw.upgrade('/ws', handshake(), 'POST')).status).toBe(405)
})

test('a refusal explains itself like every other error, and is not logged', async () => {
  await using bed = await Testbed.start()
  const raw = await RawSocket.connect(bed.port)
  const { head } = await raw.upgrade('/ws?token=canary')
  await raw.ended

  expect(head).toContain('Content-Type: application/json')
  expect(JSON.parse(raw.received.toString())).toEqual({ code: 'invalid_request' })
  expect(bed.log.join('')).not.toContain('canary')
})

test('clients without an origin can be rejected', async () => {
  await using bed = await Testbed.start({ allowMissingOrigin: false })
  const [program, page] = [await RawSocket.connect(bed.port), await RawSocket.connect(bed.port)]
  expect((await program.upgrade()).status).toBe(403)
  expect((await page.upgrade('/ws', handshake({ Origin: ORIGIN }))).status).toBe(101)
  page.socket.destroy()
})

test('negotiates neither compression nor a subprotocol', async () => {
  await using bed = await Testbed.start()
  const raw = await RawSocket.connect(bed.port)
  const { status, head } = await raw.upgrade(
    '/ws',
    handshake({
      'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
      'Sec-WebSocket-Protocol': 'bearer, secret-token',
    }),
  )
  expect(status).toBe(101)
  expect(head.toLowerCase()).not.toMatch(/extensions|sec-websocket-protocol/)
  raw.socket.destroy()
})

test('one address cannot open connections faster than the limit', async () => {
  await using bed = await Testbed.start({ handshakeRate: { perSecond: 0.01, burst: 2 } })
  const statuses: number[] = []
  for (let i = 0; i < 4; i += 1) {
    const raw = await RawSocket.connect(bed.port)
    statuses.push((await raw.upgrade()).status)
    raw.socket.destroy()
  }
  expect(statuses).toEqual([101, 101, 429, 429])
})

test.each([
  'maxConnections',
  'maxConnectionsPerAddress',
  'maxUnauthenticated',
  'maxUnauthenticatedPerAddress',
] as const)('opens no connection beyond %s, until one ends', async (limit) => {
  await using bed = await Testbed.start({ [limit]: 2 })
  const first = await bed.open()
  await bed.open()
  const third = await RawSocket.connect(bed.port)
  expect((await third.upgrade()).status).toBe(503)

  first.socket.close()
  await first.closed
  await bed.open()
})

test('authenticated connections do not count as unauthenticated ones', async () => {
  await using bed = await Testbed.start({ maxUnauthenticated: 1 })
  await bed.connect()
  await bed.connect()
  await bed.connect()
})

test('behind a trusted proxy, limits count by the address that it saw', async () => {
  await using bed = await Testbed.start({
    proxies: { trusted: ['loopback'] },
    handshakeRate: { perSecond: 0.01, burst: 1 },
  })
  const statuses: number[] = []
  for (const address of ['192.0.2.1', '192.0.2.2', '198.51.100.7, 192.0.2.1']) {
    const raw = await RawSocket.connect(bed.port)
    const headers = handshake({ 'X-Forwarded-For': address })
    statuses.push((await raw.upgrade('/ws', headers)).status)
    raw.socket.destroy()
  }
  expect(statuses).toEqual([101, 101, 429])
})

test("a program at the proxy's address without the secret is counted separately", async () => {
  const secret = 'b7Kx2mQz90Vr-g4t3w4y-of-the-tests'
  await using bed = await Testbed.start({
    proxies: { trusted: ['loopback'], secret },
    handshakeRate: { perSecond: 0.01, burst: 1 },
  })
  const open = async (address: string, given?: string) => {
    const raw = await RawSocket.connect(bed.port)
    const headers = handshake({ 'X-Forwarded-For': address, 'X-Sotto-Gateway': given })
    const { status } = await raw.upgrade('/ws', headers)
    raw.socket.destroy()
    return status
  }
  expect([
    await open('192.0.2.1'),
    await open('192.0.2.2'),
    await open('192.0.2.3', `${secret}x`),
    await open('192.0.2.4', secret),
    await open('192.0.2.5', secret),
  ]).toEqual([101, 429, 429, 101, 101])
  expect(bed.log.join('')).not.toContain(secret)
})

test('without a trusted proxy, no one can choose the address that is counted', async () => {
  await using bed = await Testbed.start({ handshakeRate: { perSecond: 0.01, burst: 1 } })
  const [first, second] = [await RawSocket.connect(bed.port), await RawSocket.connect(bed.port)]
  await first.upgrade('/ws', handshake({ 'X-Forwarded-For': '192.0.2.1' }))
  expect((await second.upgrade('/ws', handshake({ 'X-Forwarded-For': '192.0.2.2' }))).status).toBe(
    429,
  )
  first.socket.destroy()
})

test('IPv6 addresses are counted by their /64, IPv4 addresses individually', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('::ffff:192.0.2.1')).toBe('192.0.2.1')
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2')
  expect(networkOf('2001:db8:1:2::9')).toBe('2001:db8:1:2')
  expect(networkOf('2001:db8::9')).toBe('2001:db8:0:0')
  expect(networkOf('::1')).toBe('0:0:0:0')
})

test('before the start, connections are temporarily refused', async () => {
  await using bed = await Testbed.listen()
  expect(await bed.service.health()).toMatchObject({ status: 'degraded' })
  const raw = await RawSocket.connect(bed.port)
  expect((await raw.upgrade()).status).toBe(503)

  await bed.service.start()
  expect(await bed.service.health()).toMatchObject({ status: 'ok' })
  await bed.open()
})

test('the server in which it is mounted still answers requests', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect()
  const answer = await fetch(`http://127.0.0.1:${bed.port}/elsewhere`)
  expect(await answer.json()).toEqual({ ok: true })
  const request = await fetch(`http://127.0.0.1:${bed.port}/ws`)
  expect(request.status).toBe(404)
  await device.settled()
})

test('no token appears in the log', async () => {
  await using bed = await Testbed.start()
  const actor = newActor()
  const token = tokenFor(actor)
  await bed.connect(actor, token)
  const forged = await bed.open()
  forged.send({ type: 'authenticate', token: `${token.slice(0, -4)}AAAA` })
  await forged.closed
  expect(bed.log.join('')).not.toContain(token.slice(0, 60))
})

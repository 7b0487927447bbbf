import { authRequests, CloseCode, MAX_FRAME_BYTES } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import { RawDevice } from '../../raw/raw-device.ts'
import { RawSocket } from '../../raw/raw-socket.ts'
import type { ServerStage } from '../server-stage.ts'

/** Authentication, frames in general, and when a connection ends. */
export const connections: Subject<ServerStage> = {
  title: 'Connections',
  cases: [
    {
      name: 'a token authenticates, and the answer says when it expires',
      section: '§13.1',
      async run({ server, alice }) {
        using socket = await RawSocket.open(server.origin)
        socket.send({ type: 'authenticate', token: alice.tokens.access_token })
        const frame = await socket.next('authenticated')
        expect(frame).toMatchObject({ accountId: alice.accountId, deviceId: alice.deviceId })
        expect(frame.expiresAt).toBeGreaterThan(Date.now())
        expect(frame.heartbeatSeconds).toBeGreaterThan(1)
        socket.send({ type: 'ping' })
        await socket.next('pong')
      },
    },
    {
      name: 'no other frame may come first',
      section: '§13.1',
      async run({ server }) {
        using socket = await RawSocket.open(server.origin)
        socket.send({ type: 'ping' })
        const { code, details } = await socket.next('error')
        expect(code).toBe('unauthenticated')
        expect(details).toMatchObject({ frame: 1 })
        expect(await socket.closeCode()).toBe(CloseCode.unauthenticated)
      },
    },
    {
      name: 'an invalid token ends the connection',
      section: '§13.1',
      async run({ server }) {
        using socket = await RawSocket.open(server.origin)
        socket.send({ type: 'authenticate', token: 'nonsense' })
        expect(await socket.closeCode()).toBe(CloseCode.unauthenticated)
      },
    },
    {
      name: 'silence ends the connection after five seconds',
      section: '§13.1',
      async run({ server }) {
        using socket = await RawSocket.open(server.origin)
        expect(await socket.closeCode(9_000)).toBe(CloseCode.unauthenticated)
      },
    },
    {
      name: 'a fresh token of the same session extends the connection, one of another account ends it',
      section: '§13.1',
      async run({ alice, bob }) {
        using socket = await alice.connect()
        socket.send({ type: 'authenticate', token: alice.tokens.access_token })
        await socket.next('authenticated')
        socket.send({ type: 'authenticate', token: bob.tokens.access_token })
        expect(await socket.closeCode()).toBe(CloseCode.unauthenticated)
      },
    },
    {
      name: 'a malformed frame is answered by an error that names it',
      section: '§13.5',
      async run({ alice }) {
        using socket = await alice.connect()
        socket.send({ type: 'typing', conversationId: 'nowhere' })
        const typing = await socket.next('error')
        expect(typing).toMatchObject({
          code: 'invalid_request',
          details: { frame: 2, type: 'typing', field: 'conversationId' },
        })
        socket.send({ type: 'ping', extra: true })
        const extra = await socket.next('error')
        expect(extra.details).toMatchObject({ frame: 3 })
        socket.sendRaw('{')
        const broken = await socket.next('error')
        expect(broken).toMatchObject({ code: 'invalid_request', details: { frame: 4 } })
        socket.send({ type: 'ping' })
        await socket.next('pong')
      },
    },
    {
      name: 'many malformed frames end the connection',
      section: '§13.5',
      async run({ carol }) {
        using socket = await carol.connect()
        for (let n = 0; n < 200; n++) socket.sendRaw('nonsense')
        expect(await socket.closeCode()).toBe(CloseCode.policyViolation)
      },
    },
    {
      name: 'binary messages and frames that are too large end the connection',
      section: '§13.5',
      async run({ carol }) {
        using binary = await carol.connect()
        binary.sendRaw(new Uint8Array([1, 2, 3]))
        expect(await binary.closeCode()).toBe(CloseCode.unsupportedData)
        using large = await carol.connect()
        large.sendRaw(' '.repeat(MAX_FRAME_BYTES + 1))
        expect(await large.closeCode()).toBe(CloseCode.tooLarge)
      },
    },
    {
      name: 'the end of a session ends its connection',
      section: '§13.5',
      async run({ server, carol }) {
        const device = await RawDevice.create(server)
        await device.logIn(carol.account.phone)
        device.account = carol.account
        await device.proveLogIn()
        using socket = await device.connect()
        await device.call(authRequests.logOut, {})
        expect(await socket.closeCode()).toBe(CloseCode.sessionEnded)
      },
    },
  ],
}

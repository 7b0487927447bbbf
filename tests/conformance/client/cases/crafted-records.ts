import { publicKeysOf } from '@sotto/crypto'
import type { AccountRecord, DeviceId } from '@sotto/wire'
import { expect } from 'vitest'
import type { Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'
import { RawPeer } from '../raw-peer.ts'

/** Records that a contact has signed, but that another client or server wouldn't have produced. */
export const craftedRecords: Subject<ClientStage> = {
  title: 'Crafted records',
  cases: [
    {
      name: 'a record with a compressed key is refused, and the former one stays in use',
      section: '§2, §3, §5.1',
      async run(stage) {
        const peer = await peerWhoWrote(stage, 'one')
        const { ecdhKey } = publicKeysOf(peer.device.account.keys)
        await expectRefused(stage, peer, { ecdhKey: compressed(ecdhKey) })
      },
    },
    {
      name: 'a record that names a device twice in `revoked` is refused, and the former one stays in use',
      section: '§3.1, §5.1',
      async run(stage) {
        const peer = await peerWhoWrote(stage, 'one')
        const gone = crypto.randomUUID() as DeviceId
        const revoked = [1, 2].map((at) => ({ device: gone, at }))
        await expectRefused(stage, peer, { revoked })
      },
    },
    {
      name: 'a different time for a revocation is not an untrusted answer, and the first one counts',
      section: '§3.1',
      async run(stage) {
        const { device } = stage.client
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        const second = await peer.onAnotherDevice()
        await second.sendRight('ecdh', 'in time')
        await device.expectShown(peer.id, ['in time'])
        const revokedAt = (at: number) => ({ revoked: [{ device: second.device.deviceId, at }] })
        await device.whileAway(() => show(stage, peer, revokedAt(1)))
        // The first message to a contact on a connection makes the device read the contact's record.
        await device.send(peer.id, 'hello')
        await device.whileAway(async () => {
          await show(stage, peer, { revoked: [] })
          await second.sendRight('ecdh', 'too late')
          await show(stage, peer, revokedAt(Date.now() + 3_600_000))
        })
        await device.send(peer.id, 'and on')
        await device.expectShown(peer.id, ['in time', 'hello', '[unknown_device]', 'and on'])
        expect(await device.ask('state', {})).toMatchObject({ untrusted: false })
      },
    },
    {
      name: 'a later record that lacks a revocation counts, and the device stays revoked',
      section: '§3.1, §5.1',
      async run(stage) {
        const { device } = stage.client
        const peer = await RawPeer.talkTo(stage, 'ecdh')
        const second = await peer.onAnotherDevice()
        const { accountId } = peer.device
        const gone = { device: second.device.deviceId, at: 1 }
        await device.whileAway(() => show(stage, peer, { revoked: [gone] }))
        await device.send(peer.id, 'one')
        await device.whileAway(async () => {
          await show(stage, peer, { name: 'restored', revoked: [] })
          await second.sendRight('ecdh', 'too late')
        })
        await device.send(peer.id, 'two')
        await device.contact(accountId, ({ name }) => name === 'restored')
        await device.expectShown(peer.id, ['one', '[unknown_device]', 'two'])
        expect(await device.ask('state', {})).toMatchObject({ untrusted: false })
      },
    },
  ],
}

async function peerWhoWrote(stage: ClientStage, text: string): Promise<RawPeer> {
  const peer = await RawPeer.talkTo(stage, 'ecdh')
  await peer.sendRight('ecdh', text)
  await stage.client.device.expectShown(peer.id, [text])
  return peer
}

/**
 * Shows the peer's next record with `changes`. The device must refuse it, and messages must still flow in both
 * directions.
 */
async function expectRefused(
  stage: ClientStage,
  peer: RawPeer,
  changes: Partial<AccountRecord>,
): Promise<void> {
  const { device } = stage.client
  await device.whileAway(async () => {
    await show(stage, peer, changes)
    await peer.sendRight('ecdh', 'two')
  })
  await device.send(peer.id, 'three')
  await device.state(({ untrusted }) => untrusted, 'noticing the record')
  await device.expectShown(peer.id, ['one', 'two', 'three'])
}

/** Makes the server show the peer's next record with `changes`, which the server hasn't checked. */
async function show(
  { owner }: ClientStage,
  { device: { account } }: RawPeer,
  changes: Partial<AccountRecord>,
): Promise<void> {
  account.versions.record += 1
  await owner.publish(account.accountId, { record: await account.record(changes) })
}

/** The same point in the shorter encoding: x, and one bit of y. */
function compressed(spki: string): string {
  const bytes = Buffer.from(spki, 'base64url')
  const start = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')
  const sign = Buffer.from([2 + ((bytes.at(-1) ?? 0) & 1)])
  return Buffer.concat([start, sign, bytes.subarray(-64, -32)]).toString('base64url')
}

import { CloseCode } from '@sotto/wire'
import type { Dice } from './dice.ts'
import type { Device } from './world/device.ts'
import {
  enter,
  noteCode,
  peerOf,
  pinOn,
  renewKeys,
  unlock,
  type World,
  write,
} from './world/world.ts'

type Act = (world: World, device: Device, dice: Dice) => Promise<unknown>

/** What a person does on one of the devices, or what happens to it. */
export const acts: Readonly<Record<string, Act>> = {
  write: async (world, device, dice) => {
    const conversation = dice.pick(device.conversations())
    if (conversation && device.isReady) await write(world, device, conversation.id)
  },

  'send again': async (world, device, dice) => {
    for (const { id } of device.conversations()) {
      for (const item of device.items(id)) {
        if (item.kind !== 'message' || item.status !== 'failed' || dice.chance(0.3)) continue
        const pinned = pinOn(world, device)
        const told = await device.command((commands) => commands.retry(id, item.id))
        if (told === undefined) world.ledger.noteAgain(item.text, pinned)
      }
    }
  },

  discard: async ({ ledger }, device, dice) => {
    const waiting = device
      .conversations()
      .flatMap(({ id }) =>
        device
          .items(id)
          .flatMap((item) =>
            item.kind === 'message' && item.mine && item.seq === null ? [{ id, item }] : [],
          ),
      )
    const one = dice.pick(waiting)
    if (!one) return
    const written = ledger.written.get(one.item.text)
    if (written) written.isDiscarded = true
    await device.command((commands) => commands.discard(one.id, one.item.id))
  },

  /** Looks at the new number and accepts the new key. */
  'accept key': async (world, device) => {
    const peer = peerOf(world, device.index)
    const contact = device.contacts().find(({ accountId }) => accountId === peer)
    if (contact?.trust !== 'key_changed') return
    await device.command(async ({ safetyNumber, acceptChangedKey }) => {
      const { changedDigits } = await safetyNumber(peer)
      if (changedDigits !== null) await acceptChangedKey(peer, changedDigits)
    })
  },

  verify: async (world, device) => {
    const peer = peerOf(world, device.index)
    await device.command(async ({ safetyNumber, setVerified }) => {
      const { digits } = await safetyNumber(peer)
      await setVerified(peer, true, digits)
    })
  },

  read: async (_, device, dice) => {
    const conversation = dice.pick(device.conversations())
    if (!conversation) return
    device.client?.subscribe({ view: 'timeline', conversationId: conversation.id }, () => {})
    await device.command((commands) => commands.markRead(conversation.id))
    await device.command((commands) => commands.loadOlder(conversation.id))
  },

  reconnect: async (_, device) => {
    await device.command((commands) => commands.reconnect())
  },

  rename: async (_, device, dice) => {
    if (!device.isReady) return
    const profile = { name: `Name ${dice.below(100)}`, picture: null }
    await device.command((commands) => commands.updateProfile(profile))
  },

  reload: async (_, device) => {
    await device.open()
  },

  /** Crashes in the middle of its next action. */
  crash: async (_, device, dice) => {
    if (dice.chance(0.3)) device.crash()
    else device.crashAfter(dice.below(4))
  },

  'lose network': async ({ server }, device) => {
    server.offline.add(device.index)
    server.cut(device.index, 1006)
  },

  'find network': async ({ server }, device) => {
    server.offline.delete(device.index)
    await device.command((commands) => commands.reconnect())
  },

  'log out': async (_, device) => {
    if (device.isReady) await device.command((commands) => commands.logOut({ forget: false }))
  },

  /** Logs in again where required, with the recovery code where the keys are locked. */
  'log in': async (world, device) => {
    if (!device.client) await device.open()
    if (device.session().stage === 'signed_out') await enter(world, device)
    if (device.session().stage === 'locked') await unlock(world, device)
    await noteCode(world, device)
  },

  /** The other device was stolen, with everything on it: the account gets new keys. */
  'renew keys': async (world, device) => {
    await renewKeys(world, device)
  },

  'be logged out': async ({ server }, device) => {
    server.cut(device.index, CloseCode.sessionEnded)
  },
}

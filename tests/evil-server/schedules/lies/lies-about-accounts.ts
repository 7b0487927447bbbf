import {
  type BoxName,
  ErrorCode,
  httpStatus,
  type PublishedAccount,
  type SealedBox,
} from '@sotto/wire'
import type { Dice } from '../dice.ts'
import { publishedOf } from '../server/server-state.ts'
import { forge } from '../world/forger.ts'
import type { World } from '../world/world.ts'
import type { LieMaker } from './lies.ts'
import { answering, changing, isSuccess, typeOf } from './tell.ts'

/** Refusals after which a device has to find out whether its keys still count. */
const REFUSALS = [
  'stale_version',
  'bad_signature',
  'device_not_enrolled',
  'device_id_taken',
] as const

/** Lies about people's identities, and about an account's data on the server. */
export const liesAboutAccounts: Record<string, LieMaker> = {
  /** The forger's keys under another person's account. */
  async 'forged account'(world, dice, isFor) {
    const person = dice.pick(world.people)
    const forger = dice.pick(world.forgers)
    const account = person && world.server.honest.account(person.accountId)
    const genuine = publishedOf(account)
    if (!person || !forger || !genuine) return undefined
    const known = world.forgeries.findLast(({ accountId }) => accountId === person.accountId)
    const isAgain = known !== undefined && dice.chance(0.6)
    const forgery = isAgain ? known : await forge(forger, genuine, 1 + dice.below(3))
    if (!isAgain) world.forgeries.push(forgery)
    const account_ = (shown: PublishedAccount) =>
      shown.accountId === person.accountId
        ? {
            ...forgery.published,
            devices: [...shown.devices, ...forgery.published.devices].filter(onlyOnce),
          }
        : shown
    tellChanged(world, dice, person.accountId)
    const lie = changing('forged account', isFor, { account: account_ })
    const hasManifest = dice.chance(0.5)
    return {
      ...lie,
      answer: (told, call) => {
        const isManifest = call.name === 'getManifest' && call.actor?.accountId === person.accountId
        if (isManifest && hasManifest && isFor(call.device)) {
          return { status: 200, body: { manifest: forgery.manifest } }
        }
        return lie.answer?.(told, call) ?? told
      },
    }
  },

  /** An old manifest, one of another account, or none. */
  'other manifest'(world, dice, isFor) {
    const deed = dice.pick(['none', 'old', 'foreign', 'damaged'] as const)
    const old = dice.pick(world.snapshots)
    return answering('other manifest', isFor, (told, { name, actor }) => {
      if (name !== 'getManifest' || !isSuccess(told) || !actor) return told
      const { accountId } = actor
      const other = world.people.find((person) => person.accountId !== accountId)
      const own = world.server.honest.account(accountId).manifest?.statement ?? null
      const manifests = {
        none: null,
        old: old?.accounts.get(accountId)?.manifest?.statement ?? null,
        foreign:
          world.server.honest.account(other?.accountId ?? accountId).manifest?.statement ?? null,
        damaged: own && `${own.slice(0, -4)}AAAA`,
      }
      return { status: 200, body: { manifest: manifests[deed ?? 'none'] } }
    })
  },

  /** Some devices rarely learn what others publish, neither from requests nor from pushes. */
  'no news of contacts'(_, dice, isFor) {
    const hides = dice.pick(['silence', 'offline'] as const) ?? 'offline'
    return {
      name: 'no news of contacts',
      answer: (told, { name, device }) =>
        name === 'getUser' && isFor(device) && dice.chance(0.5) ? hides : told,
      toDevice: (frame, { device }) =>
        typeOf(frame) === 'account_changed' && isFor(device) ? [] : [frame],
    }
  },

  /** An account's old publication. */
  'old account'(world, dice, isFor) {
    const old = dice.pick(world.snapshots)
    return changing('old account', isFor, {
      account: (shown) => publishedOf(old?.accounts.get(shown.accountId)) ?? shown,
    })
  },

  /** Another person's account. */
  'foreign account'(world, _, isFor) {
    return changing('foreign account', isFor, {
      account: (shown) => {
        const other = world.people.find(({ accountId }) => accountId !== shown.accountId)
        return (other && publishedOf(world.server.honest.account(other.accountId))) ?? shown
      },
    })
  },

  /** Devices that are left out, or attributed to another account. */
  'devices changed'(_, dice, isFor) {
    const deed = dice.pick(['hide', 'mix', 'repeat', 'damage'] as const)
    const place = dice.below(4)
    return changing('devices changed', isFor, {
      account: (shown) => {
        const { devices } = shown
        const one = devices[place % Math.max(1, devices.length)]
        if (!one) return shown
        if (deed === 'hide') return { ...shown, devices: devices.filter((it) => it !== one) }
        if (deed === 'repeat') return { ...shown, devices: [...devices, one] }
        if (deed === 'damage') {
          const credential = `${one.credential.slice(0, -4)}AAAA`
          return {
            ...shown,
            devices: devices.map((it) => (it === one ? { ...it, credential } : it)),
          }
        }
        const ids = devices.map(({ deviceId }) => deviceId)
        const shifted = devices.map((it, i) => ({ ...it, deviceId: ids.at(i - 1) ?? it.deviceId }))
        return { ...shown, devices: shifted }
      },
    })
  },

  /** An older box, another account's box, none, or something that isn't a box. */
  'other box'(world, dice, isFor) {
    const name = dice.pick(['keys', 'contacts'] as const) ?? 'keys'
    const box = otherBox(world, dice, name)
    return answering('other box', isFor, (told, { name: endpoint, request, actor }) => {
      const isIt = endpoint === 'getBox' && (request.params as { box: string }).box === name
      if (!isIt || !isSuccess(told) || !actor) return told
      return { status: 200, body: { box: box(actor.accountId) } }
    })
  },

  'other wraps'(world, dice, isFor) {
    const deed = dice.pick(['none', 'foreign', 'short', 'random'] as const)
    const random = Buffer.from(Array.from({ length: 60 }, () => dice.below(256)))
    return answering('other wraps', isFor, (told, { name, actor, device }) => {
      if (name !== 'listWraps' || !isSuccess(told) || !actor) return told
      if (deed === 'short') world.server.damagedWraps.add(device)
      const others = world.people.filter(({ accountId }) => accountId !== actor.accountId)
      const wraps = others.flatMap(({ accountId }) => world.server.honest.account(accountId).wraps)
      if (deed === 'none') return { status: 200, body: { version: 1, wraps: [] } }
      if (deed === 'foreign') return { status: 200, body: { version: 1, wraps } }
      const ciphertext = deed === 'short' ? 'AAAA' : random.toString('base64url')
      return {
        status: 200,
        body: { version: 1, wraps: wraps.map((wrap) => ({ ...wrap, ciphertext })) },
      }
    })
  },

  /** Another account, device or session in the answer to a log-in. */
  'log-in of another'(world, dice, isFor) {
    const member = dice.pick(['account_id', 'device_id', 'session_id', 'created'] as const)
    const isKnown = dice.chance(0.5)
    return answering('log-in of another', isFor, (told, { name }) => {
      const isLogIn = name === 'verifyPhone' || (name === 'refresh' && dice.chance(0.3))
      if (!isLogIn || !isSuccess(told)) return told
      const body = told.body as Record<string, unknown>
      const other = world.people.find(({ accountId }) => accountId !== body.account_id)
      const value = isKnown && member === 'account_id' ? other?.accountId : crypto.randomUUID()
      return {
        status: 200,
        body: { ...body, ...(member && { [member]: member === 'created' ? true : value }) },
      }
    })
  },

  /** The server claims that the account has published nothing. */
  'no own account'(_, __, isFor) {
    return answering('no own account', isFor, (told, { name }) =>
      name === 'ownUser' ? { status: 200, body: { account: null } } : told,
    )
  },

  /** Refuses what a device has to send after a log-in or a change. */
  'refused writes'(_, dice, isFor) {
    const names = ['putDevice', 'putBox', 'putUser', 'putWrap', 'replaceWraps', 'putManifest']
    const refused = dice.chance(0.7) ? ['putDevice'] : dice.some(names)
    return answering('refused writes', isFor, (told, { name }) => {
      if (!refused.includes(name)) return told
      const code =
        (dice.chance(0.7) ? dice.pick(REFUSALS) : dice.pick(ErrorCode.options)) ?? 'internal'
      return { status: httpStatus[code], body: { code } }
    })
  },
}

function otherBox(world: World, dice: Dice, name: BoxName): (account: string) => SealedBox | null {
  const deed = dice.pick(['none', 'old', 'foreign', 'garbage', 'newer'] as const)
  const snapshot = dice.pick(world.snapshots)
  return (account) => {
    const { accounts } = world.server.honest.state
    const [own, other] = [...accounts.values()].sort(({ accountId }) =>
      accountId === account ? -1 : 1,
    )
    const box = own?.boxes[name] ?? null
    if (deed === 'none' || !box) return null
    if (deed === 'old') {
      return (
        [...(snapshot?.accounts.values() ?? [])].find(({ accountId }) => accountId === account)
          ?.boxes[name] ?? null
      )
    }
    if (deed === 'foreign') return other?.boxes[name] ?? null
    if (deed === 'newer') return { ...box, version: box.version + 1 }
    return { version: box.version + dice.below(2), ciphertext: 'AAAAAAAAAAAAAAAA' }
  }
}

function onlyOnce<T extends { deviceId: string }>(
  one: T,
  place: number,
  all: readonly T[],
): boolean {
  return all.findIndex(({ deviceId }) => deviceId === one.deviceId) === place
}

function tellChanged(
  { server, people }: World,
  dice: Dice,
  accountId: PublishedAccount['accountId'],
) {
  if (dice.chance(0.4)) return
  const everybody = people.map((person) => person.accountId)
  // Pushed once the lie is in place.
  setTimeout(() => server.push(everybody, { type: 'account_changed', accountId }), 1)
}

import { ErrorCode, httpStatus } from '@sotto/wire'
import type { Dice } from '../dice.ts'
import type { Lie } from '../server/evil-server.ts'
import { endpointNames } from '../server/routes.ts'
import type { World } from '../world/world.ts'
import { liesAboutAccounts } from './lies-about-accounts.ts'
import { liesAboutLogs } from './lies-about-logs.ts'
import { answering, framing, typeOf } from './tell.ts'

/** Creates a lie that is told to some devices; undefined if there is nothing to lie about. */
export type LieMaker = (
  world: World,
  dice: Dice,
  isFor: (device: number) => boolean,
) => Promise<Lie | undefined> | Lie | undefined

const garbage: readonly unknown[] = [
  '',
  '<html>',
  '{"a":',
  'null',
  '[]',
  '{}',
  '{"envelopes":[{}],"conversations":[null],"account":{},"box":[],"wraps":{},"era":1}',
  '"'.padEnd(5_000, 'a'),
]

/** Lies about any request or push. */
const liesAboutEverything: Record<string, LieMaker> = {
  'refused requests'(_, dice, isFor) {
    const names = someEndpoints(dice)
    const code = dice.pick(ErrorCode.options) ?? 'internal'
    return answering('refused requests', isFor, (told, { name }) =>
      names.includes(name) && dice.chance(0.7)
        ? { status: httpStatus[code], body: { code } }
        : told,
    )
  },

  'no answers'(_, dice, isFor) {
    const names = someEndpoints(dice)
    const told_ = dice.pick(['silence', 'offline'] as const) ?? 'silence'
    return answering('no answers', isFor, (told, { name }) =>
      names.includes(name) && dice.chance(0.7) ? told_ : told,
    )
  },

  'garbage answers'(_, dice, isFor) {
    const names = someEndpoints(dice)
    const status = dice.pick([200, 200, 400, 500] as const) ?? 200
    return answering('garbage answers', isFor, (told, { name }) =>
      names.includes(name) && dice.chance(0.7) ? { status, body: dice.pick(garbage) } : told,
    )
  },

  /** Earlier answers, to anyone for any request. */
  'answers of others'(world, dice, isFor) {
    const names = someEndpoints(dice)
    const isSameKind = dice.chance(0.8)
    return answering('answers of others', isFor, (told, { name }) => {
      if (!names.includes(name) || dice.chance(0.4)) return told
      const given = world.server.answers.filter((one) => !isSameKind || one.name === name)
      return dice.pick(given.slice(-40))?.told ?? told
    })
  },

  'lost frames'(_, dice, isFor) {
    const type = dice.pick(['verdicts', 'envelopes', 'account_changed', 'pong', ''] as const)
    return framing('lost frames', isFor, (frame) =>
      (type === '' || typeOf(frame) === type) && dice.chance(0.7) ? [] : [frame],
    )
  },

  'repeated frames'(_, dice, isFor) {
    const old: unknown[] = []
    return framing('repeated frames', isFor, (frame) => {
      old.push(frame)
      return dice.chance(0.5) ? [frame, dice.pick(old)] : [frame]
    })
  },

  'late frames'(_, dice, isFor) {
    let held: unknown[] = []
    return framing('late frames', isFor, (frame) => {
      held.push(frame)
      if (dice.chance(0.5)) return []
      const all = dice.chance(0.5) ? held : held.toReversed()
      held = []
      return all
    })
  },

  'garbage frames'(_, dice, isFor) {
    return framing('garbage frames', isFor, (frame) =>
      dice.chance(0.5) ? [dice.pick(garbage), frame, { type: 'unknown' }] : [frame],
    )
  },
}

function someEndpoints(dice: Dice): readonly string[] {
  return dice.chance(0.3) ? endpointNames : dice.some(endpointNames).slice(0, 1 + dice.below(4))
}

/** Every lasting lie, by name. */
export const lieMakers: Readonly<Record<string, LieMaker>> = {
  ...liesAboutAccounts,
  ...liesAboutLogs,
  ...liesAboutEverything,
}

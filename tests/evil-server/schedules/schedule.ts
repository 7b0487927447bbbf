import { acts } from './acts.ts'
import { deeds } from './deeds.ts'
import { type Dice, diceFrom } from './dice.ts'
import { lieMakers } from './lies/lies.ts'

/**
 * One step of a schedule. All its random choices come from its own `seed`, so that it does the same when earlier steps
 * are removed.
 */
export interface Step {
  readonly kind: 'act' | 'deed' | 'lie' | 'truth'
  readonly name: string
  /** The acting device. Lies are told to those in `devices`. */
  readonly device: number
  readonly devices: readonly number[]
  readonly seed: number
  /** How much happens before the next step: a number of operations, or everything that can happen, and some time. */
  readonly wait: { readonly operations: number } | { readonly ms: number }
}

const DEVICES = [0, 1, 2, 3]
/** In most schedules only two devices act, because chains of steps need the same devices repeatedly. */
const PAIRS = [
  [0, 1],
  [2, 3],
  [0, 2],
]
const MIN_STEPS = 15
const MORE_STEPS = 35

const EVERY_ACT = Object.keys(acts)
const EVERY_DEED = Object.keys(deeds)
const EVERY_LIE = Object.keys(lieMakers)

/** The subject of a schedule. Attacks are chains of steps, and with few kinds of steps, long chains become likely. */
interface Theme {
  readonly acts: readonly string[]
  readonly deeds: readonly string[]
  readonly lies: readonly string[]
  /** How likely each kind is, in this order; the remaining steps withdraw a lie. */
  readonly weights?: readonly [acts: number, deeds: number, lies: number]
}

const WEIGHTS = [0.62, 0.23, 0.12] as const
const TALK = ['write', 'write', 'reconnect', 'read']

const themes: readonly Theme[] = [
  {
    acts: [...TALK, 'accept key', 'accept key', 'send again'],
    deeds: ['new era', 'empty logs', 'put envelopes back', 'cut connections', 'forged message'],
    lies: ['forged account'],
    weights: [0.46, 0.4, 0.12],
  },
  {
    acts: [
      ...TALK,
      'log in',
      'log in',
      'log in',
      'be logged out',
      'be logged out',
      'accept key',
      'lose network',
      'find network',
    ],
    deeds: ['end session', 'cut connections', 'new era'],
    lies: [
      'forged account',
      'forged account',
      'refused writes',
      'refused writes',
      'log-in of another',
      'other wraps',
      'other box',
      'other manifest',
      'swallowed messages',
      'swallowed messages',
      'other verdicts',
    ],
    weights: [0.64, 0.14, 0.17],
  },
  {
    acts: [
      'write',
      'write',
      'lose network',
      'find network',
      'find network',
      'accept key',
      'accept key',
      'be logged out',
      'log in',
      'log in',
    ],
    deeds: ['cut connections'],
    lies: ['forged account', 'no news of contacts', 'swallowed messages'],
    weights: [0.74, 0.04, 0.2],
  },
  {
    acts: [...TALK, 'reload'],
    deeds: [
      'carry envelope over',
      'push old envelope',
      'begin conversation',
      'change log',
      'push hints',
    ],
    lies: ['foreign envelopes', 'answers of others', 'altered envelopes', 'other conversation'],
  },
  {
    acts: [...TALK, 'reload', 'crash', 'send again'],
    deeds: [
      'restore snapshot',
      'take snapshot',
      'empty logs',
      'put envelopes back',
      'change log',
      'new era',
    ],
    lies: [
      'other positions',
      'withheld envelopes',
      'other era',
      'other verdicts',
      'swallowed messages',
    ],
  },
  {
    acts: [...TALK, 'renew keys', 'lose network', 'find network', 'log in', 'log in', 'crash'],
    deeds: ['cut connections', 'push hints', 'new era'],
    lies: ['no news of contacts', 'swallowed messages', 'refused requests', 'late frames'],
    weights: [0.76, 0.06, 0.14],
  },
  {
    acts: [...TALK, 'reload', 'crash', 'lose network', 'find network', 'rename'],
    deeds: ['cut connections', 'push hints'],
    lies: [
      'lost frames',
      'repeated frames',
      'late frames',
      'garbage frames',
      'garbage answers',
      'no answers',
      'refused requests',
    ],
  },
  { acts: EVERY_ACT, deeds: EVERY_DEED, lies: EVERY_LIE },
]

/** The schedule for a seed, always the same. */
export function scheduleOf(seed: number): Step[] {
  const dice = diceFrom(seed)
  // Consecutive seeds start with similar numbers, so the first ones are discarded.
  for (let n = 0; n < 8; n++) dice.number()
  const theme = dice.pick(themes) as Theme
  const kinds: Theme = {
    ...theme,
    acts: dice.chance(0.2) ? EVERY_ACT : theme.acts,
    deeds: dice.most(theme.deeds),
    lies: dice.most(theme.lies),
  }
  const length = MIN_STEPS + dice.below(MORE_STEPS)
  const busy = dice.chance(0.6) ? (dice.pick(PAIRS) ?? DEVICES) : DEVICES
  return Array.from({ length }, () => stepOf(dice, kinds, busy))
}

function stepOf(
  dice: Dice,
  { acts: some, deeds: others, lies, weights = WEIGHTS }: Theme,
  busy: readonly number[],
): Step {
  const [ofActs, ofDeeds, ofLies] = weights
  const luck = dice.number()
  const kind =
    luck < ofActs
      ? 'act'
      : luck < ofActs + ofDeeds
        ? 'deed'
        : luck < ofActs + ofDeeds + ofLies
          ? 'lie'
          : 'truth'
  const name = dice.pick({ act: some, deed: others, lie: lies, truth: ['tells the truth'] }[kind])
  return {
    kind,
    name: name ?? '',
    device: dice.pick(busy) ?? 0,
    devices: devicesOf(dice),
    seed: dice.below(2 ** 31),
    wait: waitOf(dice),
  }
}

function devicesOf(dice: Dice): number[] {
  if (dice.chance(0.4)) return DEVICES
  if (dice.chance(0.4)) return dice.chance(0.5) ? [0, 1] : [2, 3]
  return dice.some(DEVICES)
}

function waitOf(dice: Dice): Step['wait'] {
  if (dice.chance(0.25)) return { operations: dice.below(60) }
  const ms = dice.pick([0, 0, 50, 1_500, 1_500, 12_000, 130_000] as const) ?? 0
  return { ms }
}

/** A step as one line of text. */
export function inOneLine({ kind, name, device, devices, seed, wait }: Step): string {
  const who = {
    act: `device ${device}`,
    deed: 'server',
    lie: `server to ${devices}`,
    truth: 'server',
  }
  const until = 'ms' in wait ? `${wait.ms} ms` : `${wait.operations} operations`
  return `${who[kind]}: ${name} (${seed}), then ${until}`
}

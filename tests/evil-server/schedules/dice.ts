import { randomFrom } from '../../network/random-from.ts'

/** Reproducible random numbers from a seed. */
export interface Dice {
  readonly number: () => number
  /** A whole number below `end`. */
  below(end: number): number
  chance(probability: number): boolean
  /** One of several; undefined only if there are none. */
  pick<T>(from: readonly T[]): T | undefined
  /** Some of several, at least one. */
  some<T>(from: readonly T[]): T[]
  /** The same, but usually more of them. */
  most<T>(from: readonly T[]): T[]
}

export function diceFrom(seed: number): Dice {
  const number = randomFrom(seed)
  const below = (end: number) => Math.floor(number() * end)
  const keep = <T>(from: readonly T[], probability: number) => {
    const kept = from.filter(() => number() < probability)
    const one = from[below(from.length)]
    return kept.length > 0 || one === undefined ? kept : [one]
  }
  return {
    number,
    below,
    chance: (probability) => number() < probability,
    pick: (from) => from[below(from.length)],
    some: (from) => keep(from, 0.5),
    most: (from) => keep(from, 0.7),
  }
}

import { describe, test } from 'vitest'
import type { Ability } from './client/line-protocol.ts'

/** Some cases restart a server, and the machine may be busy. */
const WITHIN_MS = 90_000

/** Features that a client or a server may lack. */
type Need = Ability | 'directory' | 'readable_cursors'

/** One requirement of the protocol, and how to check it. */
export interface ConformanceCase<Stage> {
  readonly name: string
  /** The section of PROTOCOL.md that it checks. */
  readonly section: string
  /** The optional features that the case needs; without them it isn't applicable. */
  readonly needs?: readonly Need[]
  /** Throws if the requirement isn't met. */
  run(stage: Stage): Promise<void>
}

/** Cases about one subject. */
export interface Subject<Stage> {
  readonly title: string
  readonly cases: readonly ConformanceCase<Stage>[]
}

/** The stage that cases run on, with the features that the other side lacks. */
interface Lacking {
  readonly lacks: readonly Need[]
}

/** Registers each case as a test of the calling file. `stage` is called when a test begins. */
export function testSubjects<Stage extends Lacking>(
  subjects: readonly Subject<Stage>[],
  stage: () => Stage,
): void {
  for (const { title, cases } of subjects) {
    describe(title, () => {
      for (const one of cases) {
        test(`${one.name} (${one.section})`, { timeout: WITHIN_MS }, async (context) => {
          const missing = one.needs?.filter((ability) => stage().lacks.includes(ability)) ?? []
          if (missing.length > 0) context.skip(`not applicable: lacks ${missing.join(', ')}`)
          await one.run(stage())
        })
      }
    })
  }
}

/** The same case for both protocols. */
export function forBothProtocols<Stage>(
  caseFor: (protocol: 'ecdh' | 'rsa') => ConformanceCase<Stage>,
): ConformanceCase<Stage>[] {
  return (['ecdh', 'rsa'] as const).map((protocol) => {
    const one = caseFor(protocol)
    const needs = [...(one.needs ?? []), ...(protocol === 'rsa' ? (['rsa'] as const) : [])]
    return { ...one, name: `${one.name}, ${protocol}`, needs }
  })
}

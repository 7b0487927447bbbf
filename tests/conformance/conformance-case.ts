import { describe, test } from 'vitest'
import type { Ability } from './client/line-protocol.ts'

/** Some cases restart a server, and the machine may be busy. */
const WITHIN_MS = 90_000

/** What a client or a server may lack. */
type Need = Ability | 'directory' | 'readable_cursors'

/** One thing that the protocol requires, and how to check it. */
export interface ConformanceCase<Stage> {
  readonly name: string
  /** The section of PROTOCOL.md that it checks. */
  readonly section: string
  /** Optional abilities without which it is not applicable. */
  readonly needs?: readonly Need[]
  /** Throws when it does not hold. */
  run(stage: Stage): Promise<void>
}

/** Cases about one subject. */
export interface Subject<Stage> {
  readonly title: string
  readonly cases: readonly ConformanceCase<Stage>[]
}

/** What cases run on, and what the other side of it lacks. */
interface Lacking {
  readonly lacks: readonly Need[]
}

/** Makes each case a test of the file that calls this. `stage` is asked for when a test begins. */
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

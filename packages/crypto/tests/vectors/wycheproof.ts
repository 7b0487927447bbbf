import { z } from 'zod'
import { countReasons, type ReadSuite, type VectorCase } from './suite.ts'
import { readPrimitive } from './wycheproof-primitives.ts'
import { readToken } from './wycheproof-tokens.ts'

export const Test = z.looseObject({
  tcId: z.int(),
  comment: z.string().default(''),
  flags: z.array(z.string()).default([]),
  result: z.enum(['valid', 'invalid', 'acceptable']),
})
export type Test = z.infer<typeof Test>

const Group = z.looseObject({ type: z.string(), tests: z.array(Test) })
export type Group = z.infer<typeof Group>

const File = z.object({
  schema: z.string(),
  algorithm: z.string().optional(),
  testGroups: z.array(Group),
})

/** A case to run, possibly with a remark, or the reason why it is skipped. */
export type ReadCase =
  | { readonly check: () => Promise<boolean>; readonly remark?: string }
  | { readonly notApplicable: string }

/** C2SP/wycheproof: dispatched by algorithm, or by group type in files that name no algorithm. */
export const readWycheproof: ReadSuite = (content) => {
  const file = File.safeParse(content)
  if (!file.success) return undefined
  const { algorithm, testGroups } = file.data
  const notes: string[] = []
  const cases = testGroups.flatMap((group) =>
    group.tests.flatMap((test): VectorCase[] => {
      const one = algorithm ? readPrimitive(algorithm, group, test) : readToken(group, test)
      if ('notApplicable' in one) {
        notes.push(`not applicable: ${one.notApplicable}`)
        return []
      }
      if (one.remark) notes.push(one.remark)
      return [{ name: `tcId ${test.tcId} ${test.comment}`, check: one.check }]
    }),
  )
  return { cases, notes: countReasons(notes) }
}

import { readCookbook } from './cookbook.ts'
import { readJoseFresh } from './jose-fresh.ts'
import {
  readBoxes,
  readDeviceNames,
  readRecoveryCodes,
  readStatements,
  readWraps,
} from './sotto-account.ts'
import { readSottoEcdh } from './sotto-ecdh.ts'
import {
  readContents,
  readEcdhMessages,
  readIdentities,
  readRsaMessages,
} from './sotto-messages.ts'
import { readOpaque } from './sotto-opaque.ts'
import type { ReadSuite, Suite, VectorCase } from './suite.ts'
import { readWycheproof } from './wycheproof.ts'

/** What a file gave. `notes` say what was left out and what passed by being refused. */
export interface FileResult {
  readonly passed: number
  readonly failures: readonly string[]
  readonly notes: readonly string[]
}

const formats: readonly ReadSuite[] = [
  readStatements,
  readBoxes,
  readDeviceNames,
  readWraps,
  readRecoveryCodes,
  readIdentities,
  readContents,
  readEcdhMessages,
  readRsaMessages,
  readOpaque,
  readSottoEcdh,
  readJoseFresh,
  readWycheproof,
  readCookbook,
]

/** The cases in the parsed content of a file; undefined when it has none of the formats. */
export function readSuite(content: unknown): Suite | undefined {
  for (const read of formats) {
    const suite = read(content)
    if (suite) return suite
  }
  return undefined
}

/** Runs all cases of a file. */
export async function runSuite({ cases, notes }: Suite): Promise<FileResult> {
  const failures: string[] = []
  for (const one of cases) {
    const failure = await failureOf(one)
    if (failure !== null) failures.push(`${one.name}: ${failure}`)
  }
  return { passed: cases.length - failures.length, failures, notes }
}

async function failureOf({ check }: VectorCase): Promise<string | null> {
  try {
    return (await check()) ? null : 'another outcome than the case asks for'
  } catch (error) {
    return String(error)
  }
}

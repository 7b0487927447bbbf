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

/**
 * The result of a file. `notes` lists the cases that were skipped and those that passed by being
 * rejected.
 */
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

/** The cases in the parsed content of a file; undefined if the format is unknown. */
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
    return (await check()) ? null : 'The outcome differs from the expected one'
  } catch (error) {
    return String(error)
  }
}

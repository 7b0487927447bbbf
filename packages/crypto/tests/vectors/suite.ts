import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { Bytes } from '../../src/bytes.ts'
import { equalBytes } from '../../src/bytes.ts'
import { CryptoError, type CryptoErrorCode } from '../../src/errors.ts'

/** One case of a vector file. `check` returns whether the code does what the case requires. */
export interface VectorCase {
  readonly name: string
  readonly check: () => Promise<boolean>
}

/** The cases of a file that concern this product, and notes about the others. */
export interface Suite {
  readonly cases: readonly VectorCase[]
  readonly notes: readonly string[]
}

/** Reads a file of one format; undefined if the file has another format. */
export type ReadSuite = (content: unknown) => Suite | undefined

type ErrorType = abstract new (...args: never[]) => Error

/** Whether `open` rejects with exactly the error that callers expect. */
export async function isRefused(
  open: () => Promise<unknown>,
  type: ErrorType = Error,
): Promise<boolean> {
  try {
    await open()
    return false
  } catch (error) {
    return error instanceof type
  }
}

/** Whether `open` rejects with this code and no other. */
export async function isRefusedAs(
  open: () => Promise<unknown>,
  code: CryptoErrorCode,
): Promise<boolean> {
  try {
    await open()
    return false
  } catch (error) {
    return error instanceof CryptoError && error.code === code
  }
}

/** Whether two values are deeply equal. */
export const isSame = (value: unknown, expected: unknown): boolean =>
  isDeepStrictEqual(value, expected)

interface FileOfCases {
  readonly cases: readonly { readonly id: string }[]
}

/** The cases of a file whose `format` matches the schema. */
export function suiteOf<F extends FileOfCases>(
  schema: z.ZodType<F>,
  content: unknown,
  check: (file: F, one: F['cases'][number]) => Promise<boolean>,
): Suite | undefined {
  const file = schema.safeParse(content)
  if (!file.success) return undefined
  const { cases } = file.data
  return {
    cases: cases.map((one) => ({ name: one.id, check: () => check(file.data, one) })),
    notes: [],
  }
}

/** Whether `open` yields exactly these bytes. */
export async function gives(open: () => Promise<Uint8Array>, expected: Bytes): Promise<boolean> {
  return equalBytes(await open(), expected)
}

/** The bytes of a hexadecimal string. */
export function hex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}

/** `count cases: reason` for each reason that occurs. */
export function countReasons(reasons: readonly string[]): string[] {
  return [...new Set(reasons)].map((reason) => {
    return `${reasons.filter((other) => other === reason).length} ${reason}`
  })
}

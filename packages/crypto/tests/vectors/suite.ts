import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import type { Bytes } from '../../src/bytes.ts'
import { equalBytes } from '../../src/bytes.ts'
import { CryptoError, type CryptoErrorCode } from '../../src/errors.ts'

/** One case of a vector file; `check` tells whether the code does what the case asks for. */
export interface VectorCase {
  readonly name: string
  readonly check: () => Promise<boolean>
}

/** The cases of a file that concern this product, and what has to be said about the others. */
export interface Suite {
  readonly cases: readonly VectorCase[]
  readonly notes: readonly string[]
}

/** Reads a file of one format; undefined when the file has another one. */
export type ReadSuite = (content: unknown) => Suite | undefined

type ErrorType = abstract new (...args: never[]) => Error

/** Whether `open` refuses with the very error its callers are told to expect. */
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

/** Whether `open` refuses with this code, and with nothing else. */
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

/** Whether two values are the same, member by member. */
export const isSame = (value: unknown, expected: unknown): boolean =>
  isDeepStrictEqual(value, expected)

interface FileOfCases {
  readonly cases: readonly { readonly id: string }[]
}

/** The cases of a file whose `format` is that of the schema. */
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

/** Whether `open` gives exactly these bytes. */
export async function gives(open: () => Promise<Uint8Array>, expected: Bytes): Promise<boolean> {
  return equalBytes(await open(), expected)
}

/** The bytes of a hexadecimal text. */
export function hex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
}

/** `count cases: reason`, for each reason that occurs. */
export function countReasons(reasons: readonly string[]): string[] {
  return [...new Set(reasons)].map((reason) => {
    return `${reasons.filter((other) => other === reason).length} ${reason}`
  })
}

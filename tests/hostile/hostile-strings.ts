import { readFileSync } from 'node:fs'
import { z } from 'zod'

const File = z.object({
  cases: z.array(
    z.object({ id: z.string(), s: z.string().optional(), utf16le_b64: z.string().optional() }),
  ),
})

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`vectors/${name}`, import.meta.url), 'utf8'))

/** Every hostile string, including those with lone surrogates. */
export const hostileStrings: readonly string[] = File.parse(read('hostile-strings.json')).cases.map(
  ({ s, utf16le_b64 }) => s ?? Buffer.from(utf16le_b64 ?? '', 'base64').toString('utf16le'),
)

const Markup = z.object({ cases: z.array(z.object({ payload: z.string() })) })

/** Markup that breaks out of sanitizers. */
export const hostileMarkup: readonly string[] = Markup.parse(read('html-sanitizer.json')).cases.map(
  ({ payload }) => payload,
)

const Parsing = z.object({ cases: z.array(z.object({ id: z.string(), b64: z.string() })) })

/** Every case of the JSON parsing suite as raw bytes, and two that are too large to store. */
export const hostileBodies: readonly Buffer[] = [
  ...Parsing.parse(read('json-parsing.json')).cases.map(({ b64 }) => Buffer.from(b64, 'base64')),
  Buffer.from('['.repeat(100_000)),
  Buffer.from('{"":'.repeat(50_000)),
]

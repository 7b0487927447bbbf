import { z } from 'zod'

/** The position of a string inside a value: the names and indices that lead to it. */
type Path = readonly (string | number)[]

interface JsonSchema {
  type?: string
  enum?: unknown[]
  const?: unknown
  format?: string
  pattern?: string
  minLength?: number
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
}

/** Plausible values of a schema, one for each of its variants. */
export function examplesOf(schema: z.ZodType): unknown[] {
  return examples(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema)
}

/** Copies of `value`, each with one of its strings replaced. */
export function withEachStringReplaced(value: unknown, replacement: string): unknown[] {
  return stringPaths(value, []).map((path) => replaceAt(value, path, replacement))
}

function examples(schema: JsonSchema): unknown[] {
  const variants = schema.anyOf ?? schema.oneOf
  if (variants) return variants.flatMap(examples)
  if (schema.const !== undefined) return [schema.const]
  if (schema.enum) return [schema.enum[0]]
  switch (schema.type) {
    case 'string':
      return [exampleString(schema)]
    case 'integer':
    case 'number':
      return [1]
    case 'boolean':
      return [true]
    case 'array':
      return [schema.items ? [examples(schema.items)[0]] : []]
    case 'object':
      return [
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, part]) => [name, examples(part)[0]]),
        ),
      ]
    default:
      return [null]
  }
}

function exampleString({ format, pattern = '', minLength = 1 }: JsonSchema): string {
  if (format === 'uuid') return '5a9a3c1e-7f0b-4c61-9a52-0d6f3b1c2e4d'
  if (pattern.includes('\\.')) return 'e30.e30.AAAA'
  return (pattern.includes('[0-9]+$') ? '0' : 'A').repeat(minLength)
}

function stringPaths(value: unknown, path: Path): Path[] {
  if (typeof value === 'string') return [path]
  if (Array.isArray(value)) return value.flatMap((part, n) => stringPaths(part, [...path, n]))
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([name, part]) => stringPaths(part, [...path, name]))
  }
  return []
}

function replaceAt(value: unknown, path: Path, replacement: string): unknown {
  const [first, ...rest] = path
  if (first === undefined) return replacement
  if (Array.isArray(value)) {
    return value.map((part, n) => (n === first ? replaceAt(part, rest, replacement) : part))
  }
  return Object.fromEntries(
    Object.entries(value as object).map(([name, part]) => [
      name,
      name === first ? replaceAt(part, rest, replacement) : part,
    ]),
  )
}

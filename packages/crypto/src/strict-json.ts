const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Strings, structure and numbers of a JSON text. Linear: there is only one way to match. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|-?[0-9][0-9.eE+-]*/gs
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/

/**
 * Parses JSON as `JSON.parse` does, and refuses what two readers could understand differently: a
 * member that occurs twice, `__proto__`, and integers written as `1.0`, `1e0` or `-0`. Takes text or
 * UTF-8 bytes; throws one of JavaScript's own errors. The caller limits the size.
 */
export function parseStrictJson(source: string | Uint8Array): unknown {
  const text = typeof source === 'string' ? source : decoder.decode(source)
  const value: unknown = JSON.parse(text)
  if (!isPlainlyWritten(text, value)) refuseAmbiguity(text)
  return value
}

/**
 * Whether writing `value` again gives the same text. Then no member occurs twice, as it is written
 * once for each it has, and no number has two spellings. That is how our own devices write, and many
 * times as fast as looking.
 */
function isPlainlyWritten(text: string, value: unknown): boolean {
  return !text.includes('__proto__') && JSON.stringify(value) === text
}

/** `text` is valid JSON, so that its tokens alone tell which strings are names of members. */
function refuseAmbiguity(text: string): void {
  const open: (Set<string> | null)[] = []
  let latest = ''
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(null)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') addMember(open.at(-1), JSON.parse(latest))
    else if (token !== ',' && !token.startsWith('"')) refuseOtherThanInteger(token)
    else latest = token
  }
}

function addMember(members: Set<string> | null | undefined, name: string): void {
  if (!members || members.has(name) || name === '__proto__') throw new SyntaxError('bad member')
  members.add(name)
}

function refuseOtherThanInteger(token: string): void {
  if (!INTEGER.test(token)) throw new SyntaxError('bad number')
}

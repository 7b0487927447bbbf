const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Strings, structure and numbers of a JSON text. Linear time: there is only one way to match. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|-?[0-9][0-9.eE+-]*/gs
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/

/**
 * Parses JSON as `JSON.parse` does, but rejects text that two parsers could interpret differently:
 * duplicate members, `__proto__`, and integers written as `1.0`, `1e0` or `-0`. Takes text or UTF-8
 * bytes; throws one of JavaScript's own errors. The caller must limit the size.
 */
export function parseStrictJson(source: string | Uint8Array): unknown {
  const text = typeof source === 'string' ? source : decoder.decode(source)
  const value: unknown = JSON.parse(text)
  if (!isPlainlyWritten(text, value)) refuseAmbiguity(text)
  return value
}

/**
 * Whether serializing `value` gives the same text. If so, it has no duplicate member, because each
 * is written once, and no number with a second spelling. Our own devices write this way, and the
 * check is many times faster than scanning the tokens.
 */
function isPlainlyWritten(text: string, value: unknown): boolean {
  return !text.includes('__proto__') && JSON.stringify(value) === text
}

/** `text` is valid JSON, so its tokens alone determine which strings are member names. */
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
  if (!members || members.has(name) || name === '__proto__')
    throw new SyntaxError('Duplicate or forbidden member')
  members.add(name)
}

function refuseOtherThanInteger(token: string): void {
  if (!INTEGER.test(token)) throw new SyntaxError('Number is not in its canonical form')
}

/**
 * The subset of Go's template language that the chart uses: output, `if`, `else if`, `range`,
 * `with`, `define`, variables, pipelines. Anything else in a template is an error, so that the
 * chart cannot use what the tests do not understand.
 */
export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'output'; value: Pipeline }
  | { kind: 'assign'; name: string; value: Pipeline }
  | { kind: 'if'; test: Pipeline; body: Node[]; otherwise: Node[] }
  | { kind: 'with'; value: Pipeline; body: Node[]; otherwise: Node[] }
  | { kind: 'range'; names: string[]; value: Pipeline; body: Node[]; otherwise: Node[] }
  | { kind: 'define'; name: string; body: Node[] }

/** Each command's result is the last argument of the next. */
export type Pipeline = Command[]
/** A function with arguments, or a single value. */
export type Command = Term[]
export type Term =
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'function'; name: string }
  /** `from` is `.`, `$` or a variable. */
  | { kind: 'path'; from: string; fields: string[] }
  | { kind: 'group'; value: Pipeline; fields: string[] }

/** Parses the text of a template file. Throws an error that contains the action's text. */
export function parseTemplate(text: string): Node[] {
  const pieces = split(text)
  const { nodes, end } = parseBody(pieces)
  if (end !== undefined) throw new Error(`{{ ${end} }} without a beginning`)
  return nodes
}

interface Piece {
  isAction: boolean
  text: string
}

function split(text: string): Piece[] {
  const pieces: Piece[] = []
  let rest = text
  for (;;) {
    const match =
      /\{\{(-\s)?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|\/\*[\s\S]*?\*\/|[^"`])*?)(\s-)?\}\}/.exec(rest)
    if (match === null) break
    const before = rest.slice(0, match.index)
    pieces.push({ isAction: false, text: match[1] ? before.trimEnd() : before })
    pieces.push({ isAction: true, text: (match[2] ?? '').trim() })
    rest = rest.slice(match.index + match[0].length)
    if (match[3]) rest = rest.trimStart()
  }
  pieces.push({ isAction: false, text: rest })
  return pieces.filter(({ isAction, text }) => isAction || text !== '')
}

/** Consumes pieces up to an `else` or `end` of an enclosing block. */
function parseBody(pieces: Piece[]): { nodes: Node[]; end: string | undefined } {
  const nodes: Node[] = []
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    const { isAction, text } = piece
    if (!isAction) nodes.push({ kind: 'text', text })
    else if (text.startsWith('/*')) continue
    else if (/^(end|else)\b/.test(text)) return { nodes, end: text }
    else nodes.push(parseAction(text, pieces))
  }
  return { nodes, end: undefined }
}

function parseAction(text: string, pieces: Piece[]): Node {
  const [word = ''] = text.split(/\s/, 1)
  const rest = text.slice(word.length).trim()
  if (word === 'if') return { kind: 'if', test: parsePipeline(rest), ...parseBlock(pieces) }
  if (word === 'with') return { kind: 'with', value: parsePipeline(rest), ...parseBlock(pieces) }
  if (word === 'range') {
    const match = /^(\$\w+)(?:,\s*(\$\w+))?\s*:=\s*(.*)$/s.exec(rest)
    const names = [match?.[1], match?.[2]].filter((name) => name !== undefined)
    return { kind: 'range', names, value: parsePipeline(match?.[3] ?? rest), ...parseBlock(pieces) }
  }
  if (word === 'define') {
    return { kind: 'define', name: rest.replaceAll('"', ''), body: parseBlock(pieces).body }
  }
  const assign = /^(\$\w+)\s*:=\s*(.*)$/s.exec(text)
  if (assign?.[1]) return { kind: 'assign', name: assign[1], value: parsePipeline(assign[2] ?? '') }
  return { kind: 'output', value: parsePipeline(text) }
}

function parseBlock(pieces: Piece[]): { body: Node[]; otherwise: Node[] } {
  const { nodes: body, end } = parseBody(pieces)
  if (end === undefined) throw new Error('a block without an end')
  if (end === 'end') return { body, otherwise: [] }
  const again = end.slice('else'.length).trim()
  if (again !== '') return { body, otherwise: [parseAction(again, pieces)] }
  return { body, otherwise: parseBlock(pieces).body }
}

const token =
  /\s*(?:(?<string>"(?:[^"\\]|\\.)*")|(?<number>-?\d+(?:\.\d+)?)|(?<path>(?:\$\w*|\.)(?:\.?\w+(?:\.\w+)*)?)|(?<word>[a-zA-Z]\w*)|(?<mark>[|()]))/y

/** Parses the text between `{{` and `}}`. */
function parsePipeline(text: string): Pipeline {
  const tokens = readTokens(text)
  const pipeline = takePipeline(tokens)
  if (tokens.length > 0) throw new Error(`not understood: ${text}`)
  return pipeline
}

function readTokens(text: string): { kind: string; text: string }[] {
  const tokens: { kind: string; text: string }[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text)
    const found = Object.entries(match?.groups ?? {}).find(([, value]) => value !== undefined)
    if (found?.[1] === undefined) throw new Error(`not understood: ${text}`)
    tokens.push({ kind: found[0], text: found[1] })
  }
  return tokens
}

function takePipeline(tokens: { kind: string; text: string }[]): Pipeline {
  const pipeline: Pipeline = [[]]
  while (tokens.length > 0 && tokens[0]?.text !== ')') {
    const next = tokens.shift()
    if (next?.text === '|') pipeline.push([])
    else if (next !== undefined) pipeline.at(-1)?.push(takeTerm(next, tokens))
  }
  if (pipeline.some((command) => command.length === 0)) throw new Error('an empty command')
  return pipeline
}

function takeTerm(
  { kind, text }: { kind: string; text: string },
  tokens: { kind: string; text: string }[],
): Term {
  if (text === '(') {
    const value = takePipeline(tokens)
    if (tokens.shift()?.text !== ')') throw new Error('a bracket is missing')
    return { kind: 'group', value, fields: [] }
  }
  if (kind === 'string') return { kind: 'literal', value: JSON.parse(text) }
  if (kind === 'number') return { kind: 'literal', value: Number(text) }
  if (kind === 'path') {
    const [from = '', ...fields] = text.startsWith('.')
      ? ['.', ...text.slice(1).split('.')]
      : text.split('.')
    return { kind: 'path', from, fields: fields.filter((field) => field !== '') }
  }
  if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' }
  return { kind: 'function', name: text }
}

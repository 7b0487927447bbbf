import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import type { Command, Node, Pipeline, Term } from './parse-template.ts'

type Variables = Map<string, unknown>
type Definitions = ReadonlyMap<string, Node[]>

/**
 * Runs a parsed template with `dot`. Stricter than Helm: a missing field is an error instead of an
 * empty text, so that a misspelled value is found.
 */
export function runTemplate(
  nodes: readonly Node[],
  definitions: Definitions,
  dot: unknown,
): string {
  return runAll(nodes, { definitions, dot, variables: new Map([['$', dot]]) })
}

interface Scope {
  definitions: Definitions
  dot: unknown
  variables: Variables
}

function runAll(nodes: readonly Node[], scope: Scope): string {
  // A variable exists until the end of the block that declares it.
  const inner = { ...scope, variables: new Map(scope.variables) }
  return nodes.map((node) => run(node, inner)).join('')
}

function run(node: Node, scope: Scope): string {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'define':
      return ''
    case 'output':
      return textOf(evaluate(node.value, scope))
    case 'assign':
      scope.variables.set(node.name, evaluate(node.value, scope))
      return ''
    case 'if':
      return runAll(isTrue(evaluate(node.test, scope)) ? node.body : node.otherwise, scope)
    case 'with': {
      const dot = evaluate(node.value, scope)
      return isTrue(dot) ? runAll(node.body, { ...scope, dot }) : runAll(node.otherwise, scope)
    }
    case 'range':
      return runRange(node, scope)
  }
}

function runRange(node: Extract<Node, { kind: 'range' }>, scope: Scope): string {
  const value = evaluate(node.value, scope)
  const entries: [unknown, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries((value ?? {}) as object).sort(([a], [b]) => (a < b ? -1 : 1))
  if (entries.length === 0) return runAll(node.otherwise, scope)
  return entries
    .map(([key, dot]) => {
      const variables = new Map(scope.variables)
      const [first, second] = node.names
      if (second !== undefined) variables.set(second, dot)
      if (first !== undefined) variables.set(first, second === undefined ? dot : key)
      return runAll(node.body, { ...scope, dot, variables })
    })
    .join('')
}

function evaluate(pipeline: Pipeline, scope: Scope): unknown {
  let result: unknown
  for (const [index, command] of pipeline.entries()) {
    result = call(command, index === 0 ? [] : [result], scope)
  }
  return result
}

function call([head, ...rest]: Command, piped: unknown[], scope: Scope): unknown {
  if (head === undefined) throw new Error('an empty command')
  if (head.kind === 'path' && head.fields.join('.') === 'Files.Get') {
    const [file] = rest.map((term) => termValue(term, scope))
    return (termValue({ ...head, fields: ['Files'] }, scope) as (name: unknown) => string)(file)
  }
  if (head.kind !== 'function') {
    if (rest.length + piped.length > 0) throw new Error('a value got arguments')
    return termValue(head, scope)
  }
  const given = [...rest.map((term) => termValue(term, scope)), ...piped]
  if (head.name === 'include') {
    const body = scope.definitions.get(String(given[0]))
    if (body === undefined) throw new Error(`nothing is defined as ${given[0]}`)
    return runTemplate(body, scope.definitions, given[1])
  }
  const known = functions[head.name]
  if (known === undefined) throw new Error(`the chart may not use ${head.name}`)
  return known(...given)
}

function termValue(term: Term, scope: Scope): unknown {
  if (term.kind === 'literal') return term.value
  if (term.kind === 'function') return call([term], [], scope)
  if (term.kind === 'group') return evaluate(term.value, scope)
  const start = term.from === '.' ? scope.dot : scope.variables.get(term.from)
  return term.fields.reduce<unknown>((value, field) => {
    if (typeof value !== 'object' || value === null || !(field in value)) {
      throw new Error(`there is no ${term.from}${term.fields.join('.')} (${field})`)
    }
    return (value as Record<string, unknown>)[field]
  }, start)
}

/** Like Go: zero, nil and empty values are false. */
function isTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) throw new Error('an empty value is printed')
  if (typeof value === 'object') throw new Error('a list or map is printed without toYaml')
  return String(value)
}

const indent = (spaces: unknown, text: unknown) =>
  String(text).replaceAll(/^/gm, ' '.repeat(Number(spaces)))

const functions: Record<string, (...given: unknown[]) => unknown> = {
  add: (...numbers) => numbers.reduce<number>((sum, one) => sum + Number(one), 0),
  and: (...values) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values) => values.find(isTrue) ?? values.at(-1),
  not: (value) => !isTrue(value),
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  dict: (...pairs) =>
    Object.fromEntries(
      pairs.flatMap((key, at) => (at % 2 === 0 ? [[String(key), pairs[at + 1]]] : [])),
    ),
  indent,
  index: (from, key) => {
    if (typeof from !== 'object' || from === null || !(`${key}` in from)) {
      throw new Error(`there is no ${key}`)
    }
    return (from as Record<string, unknown>)[`${key}`]
  },
  int: (value) => Math.trunc(Number(value)),
  join: (separator, list) => (list as unknown[]).join(String(separator)),
  list: (...values) => values,
  nindent: (spaces, text) => `\n${indent(spaces, text)}`,
  printf: (format, ...values) => {
    const rest = [...values]
    return String(format).replaceAll(/%[sd]/g, () => textOf(rest.shift()))
  },
  quote: (value) => JSON.stringify(textOf(value)),
  required: (message, value) => {
    if (value === undefined || value === null || value === '') throw new Error(String(message))
    return value
  },
  sha256sum: (text) => createHash('sha256').update(String(text)).digest('hex'),
  splitList: (separator, text) => String(text).split(String(separator)),
  toYaml: (value) => stringify(value, { lineWidth: 0, sortMapEntries: true }).trimEnd(),
  until: (count) => Array.from({ length: Number(count) }, (_, index) => index),
}

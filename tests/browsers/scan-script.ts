import { type Node, parse } from 'acorn'
import { full } from 'acorn-walk'
import { type Feature, globalFeature, methodFeature, staticFeature } from './support.ts'

/** The newest syntax that all supported browsers parse. */
const ECMA_VERSION = 2023

// biome-ignore lint/suspicious/noExplicitAny: each type of node has other fields
type Any = Node & Record<string, any>

/**
 * The features in a script that some of the supported browsers lack: globals and their members, and
 * methods of other objects by name, if only newer features have that name and no script defines a
 * member with it (`ownMembers`). `a?.()` counts as a check for existence. A newer method that
 * shares its name with an older one, such as `map` of an iterator, is only detected by the types of
 * our own code.
 *
 * Throws a `SyntaxError` for newer syntax.
 */
export function newerFeatures(code: string, ownMembers = membersOf(code)): Feature[] {
  const program = read(code)
  const declared = declaredNames(program)
  const found = new Map<string, Feature>()
  const add = (feature: Feature | undefined) => {
    if (feature && feature.lackedBy.length > 0) found.set(feature.name, feature)
  }
  const isGlobal = (node: Any | null) => node?.type === 'Identifier' && !declared.has(node.name)
  full(program, (node) => {
    const { type, object, callee, optional, id, init } = node as Any
    if (isGlobal(node as Any)) add(globalFeature((node as Any).name))
    if (type === 'MemberExpression' && isGlobal(object)) {
      add(staticFeature(object.name, memberOf(node as Any) ?? ''))
    }
    if (type === 'VariableDeclarator' && id.type === 'ObjectPattern' && isGlobal(init)) {
      for (const { key } of id.properties) add(staticFeature(init.name, key?.name))
    }
    if (type === 'CallExpression' && callee.type === 'MemberExpression' && !optional) {
      const member = memberOf(callee) ?? ''
      const isKnown = isGlobal(callee.object) && staticFeature(callee.object.name, member)
      if (!isKnown && !ownMembers.has(member)) add(methodFeature(member))
    }
    if (type === 'CallExpression' || type === 'NewExpression') add(newFlag(node as Any))
  })
  return [...found.values()]
}

/** The names of members that a script defines in objects and classes. */
export function membersOf(code: string): Set<string> {
  const names = new Set<string>()
  full(read(code), (node) => {
    const { type, key, left } = node as Any
    if (/^(Property|MethodDefinition|PropertyDefinition)$/.test(type))
      names.add(key.name ?? key.value)
    if (type === 'AssignmentExpression' && left.type === 'MemberExpression') {
      names.add(memberOf(left) ?? '')
    }
  })
  return names
}

const read = (code: string) => parse(code, { ecmaVersion: ECMA_VERSION, sourceType: 'module' })

function memberOf({ property, computed }: Any): string | undefined {
  if (!computed) return property.name
  return property.type === 'Literal' && typeof property.value === 'string'
    ? property.value
    : undefined
}

/** `new RegExp(…, 'v')` */
function newFlag({ callee, arguments: [, flags] }: Any): Feature | undefined {
  const isNew = callee.name === 'RegExp' && flags?.type === 'Literal' && /v/.test(flags.value)
  return isNew ? { name: 'RegExp flag v', lackedBy: ['firefox'] } : undefined
}

/**
 * Every name that the file declares. Minified names are short, so none of them is mistaken for a
 * global.
 */
function declaredNames(program: Node): Set<string> {
  const names = new Set<string>()
  const take = (pattern: Any | null) => {
    if (!pattern) return
    if (pattern.type === 'Identifier') names.add(pattern.name)
    else if (pattern.type === 'ObjectPattern')
      for (const property of pattern.properties) take(property.value ?? property.argument)
    else if (pattern.type === 'ArrayPattern') for (const element of pattern.elements) take(element)
    else take(pattern.left ?? pattern.argument ?? null)
  }
  full(program, (node) => {
    const { type, id, params, param, local } = node as Any
    if (type === 'VariableDeclarator' || /^(Function|Class)/.test(type)) take(id)
    if (/Function/.test(type)) for (const one of params ?? []) take(one)
    if (type === 'CatchClause') take(param)
    if (/^Import.*Specifier$/.test(type)) take(local)
  })
  return names
}

import { parseSync } from 'vite'
import type { SourceFile } from './source-files.ts'

/** Attributes whose value people read or hear. */
const spoken =
  /^(aria-(label|description|valuetext)|alt|failure|hint|intro|label|legend|placeholder|text|title)$/

/** Tags and calls that turn the text in them into a message. */
const macros = new Set(['t', 'msg', 'plural', 'select', 'Trans', 'Plural', 'Select'])

/** Calls whose texts users never see: errors for developers, names of loaded data, selectors. */
const unread = /^(useLoaded|moveFocus|.*Error)$/

/** Names that are the same in every language. */
const names = new Set([
  'Sotto',
  'Web Locks',
  'secure context',
  'noopener noreferrer',
  'XXXX XXXX XXXX …',
])

/** Elements whose text is the same in all languages. */
const untranslated = new Set(['code', 'kbd'])

const isWord = (text: string) => /\p{L}{2}/u.test(text) && !names.has(text.trim())
const isPhrase = (text: string) => /\p{L}{2,}[,.]? \p{L}/u.test(text) && isWord(text)

// biome-ignore lint/suspicious/noExplicitAny: each type of node has other fields
type Any = Record<string, any>

/** Untranslatable words in the web app's source, each with its location. */
export function bareWords({ path, text }: SourceFile): string[] {
  const found: string[] = []
  const say = ({ start }: Any, words: string) => {
    const line = text.slice(0, start).split('\n').length
    found.push(`${path}:${line}: ${words.replaceAll(/\s+/g, ' ').trim()}`)
  }
  const visit = (node: Any) => {
    if (isLeftOut(node)) return
    for (const words of wordsOf(node)) say(node, words)
    for (const child of childrenOf(node)) visit(child)
  }
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`)
  visit(program as unknown as Any)
  return found
}

/** Whether everything in a node is a message already, or text that users never see. */
function isLeftOut({ type, tag, callee, openingElement }: Any): boolean {
  if (/^(Import|ExportAll|TS)/.test(type)) return true
  const name = tag?.name ?? callee?.name ?? openingElement?.name?.name
  if (callee?.type === 'Super') return true
  if (type === 'JSXElement') return macros.has(name) || untranslated.has(name)
  return macros.has(name) || unread.test(name ?? '')
}

function wordsOf(node: Any): string[] {
  const { type, name, value } = node
  if (type === 'JSXText') return isWord(value) ? [value] : []
  if (type === 'Literal' && typeof value === 'string') return isPhrase(value) ? [value] : []
  if (type === 'TemplateElement') return isPhrase(value.raw) ? [value.raw] : []
  const isSpoken = type === 'JSXAttribute' && spoken.test(String(name.name))
  // A phrase is found as the literal that it is.
  return isSpoken && isWord(value?.value ?? '') && !isPhrase(value.value) ? [value.value] : []
}

function childrenOf(node: Any): Any[] {
  const isProperty = node.type === 'Property'
  return Object.entries(node)
    .filter(([field]) => !(isProperty && field === 'key'))
    .flatMap(([, value]) => value)
    .filter((value): value is Any => typeof value?.type === 'string')
}

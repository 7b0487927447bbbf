import type { SourceFile } from './source-files.ts'

const properties: readonly RegExp[] = [
  /^(margin|padding)-(left|right|top|bottom)$/,
  /^border-(left|right|top|bottom)(-(width|color|style))?$/,
  /^border-(top|bottom)-(left|right)-radius$/,
  /^(left|right|top|bottom|float|clear)$/,
]
/** Texts that a style sheet adds: no language can have its own for them. */
const addedWords = /^content:\s*"[^"]*[a-z]{2}/i

const values: readonly (readonly [property: RegExp, value: RegExp])[] = [
  [/^text-align$/, /\b(left|right)\b/],
  // Another width on the left than on the right.
  [/^(margin|padding|inset|border-width)$/, /^(\S+) (\S+) (\S+) (?!\2$)\S+$/],
]

/** Styles that would not adapt to right-to-left text or another language, each with its location. */
export function physicalStyles({ path, text }: SourceFile): string[] {
  return text.split('\n').flatMap((line, index) => {
    const [, property = '', value = ''] = /^\s*([a-z-]+):\s*(.+?);?$/.exec(line) ?? []
    const parts = value.replaceAll(/\(.*?\)+/g, '')
    const isPhysical =
      addedWords.test(line.trim()) ||
      properties.some((pattern) => pattern.test(property)) ||
      values.some(([of, pattern]) => of.test(property) && pattern.test(parts))
    return isPhysical ? [`${path}:${index + 1}: ${line.trim()}`] : []
  })
}

import {
  atRuleFeature,
  type Feature,
  functionFeature,
  propertyFeature,
  selectorFeature,
} from './support.ts'

/** The features in a built style sheet that some of the supported browsers lack. */
export function newerStyles(css: string): Feature[] {
  const code = css.replaceAll(/\/\*.*?\*\/|"[^"]*"|'[^']*'|url\([^)]*\)/gs, '')
  const used = [
    ...namesIn(code, /[{;]\s*([a-z-]+)\s*:/g, propertyFeature),
    ...namesIn(code, /(::?[a-z-]+)(?=[^{};]*\{)/g, selectorFeature),
    ...namesIn(code, /(@[a-z-]+)/g, atRuleFeature),
    ...namesIn(code, /([a-z-]+)\(/g, functionFeature),
  ]
  return used.filter(({ lackedBy }) => lackedBy.length > 0)
}

function namesIn(
  code: string,
  pattern: RegExp,
  featureOf: (name: string) => Feature | undefined,
): Feature[] {
  const names = new Set([...code.matchAll(pattern)].map(([, name]) => name ?? ''))
  return [...names].map(featureOf).filter((feature) => feature !== undefined)
}

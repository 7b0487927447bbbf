import { replaceModule } from './replace-module.ts'

const replacement = new URL('./short-tokens.ts', import.meta.url)
replaceModule('packages/wire/src/limits.ts', replacement)

import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'seal-again.ts', by: './later-keys.ts' })

import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'server-restore/seal-again.ts', by: './later-keys.ts' })

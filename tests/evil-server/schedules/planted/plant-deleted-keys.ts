import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'uploads.ts', by: './deleted-keys.ts' })

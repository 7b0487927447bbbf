import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'account/publishing/uploads.ts', by: './deleted-keys.ts' })

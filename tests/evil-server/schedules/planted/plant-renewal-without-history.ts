import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'renew-keys.ts', by: './renewal-without-history.ts' })

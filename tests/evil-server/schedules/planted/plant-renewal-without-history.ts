import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'account/keys/renew-keys.ts', by: './renewal-without-history.ts' })

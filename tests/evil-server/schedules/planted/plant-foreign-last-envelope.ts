import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'conversations.ts', by: './foreign-last-envelope.ts' })
replaceModule({ file: 'open-envelope.ts', by: './compared-with-itself.ts' })

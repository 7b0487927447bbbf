import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'conversations/conversations.ts', by: './foreign-last-envelope.ts' })
replaceModule({ file: 'receiving/open-envelope.ts', by: './compared-with-itself.ts' })

import { replaceModule } from './replace-module.ts'

replaceModule({ file: 'written-to.ts', by: './waiting-for-anybody.ts', importer: 'send.ts' })

import { replaceModule } from './replace-module.ts'

for (const importer of ['sending/send.ts', 'sending/follow-key-change.ts']) {
  replaceModule({ file: 'sending/written-to.ts', by: './waiting-for-anybody.ts', importer })
}

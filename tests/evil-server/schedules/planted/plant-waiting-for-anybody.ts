import { replaceModule } from './replace-module.ts'

for (const importer of ['send.ts', 'follow-key-change.ts']) {
  replaceModule({ file: 'written-to.ts', by: './waiting-for-anybody.ts', importer })
}

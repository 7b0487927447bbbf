import { replaceModule } from './replace-module.ts'

const replacement = new URL('./pass-environment.ts', import.meta.url)
replaceModule('apps/cluster/src/service-environment.ts', replacement)

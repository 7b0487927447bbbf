import { replaceModule } from './replace-module.ts'

const replacement = new URL('./recognises-no-retry.ts', import.meta.url)
replaceModule('services/chat/src/store/envelopes/envelopes.ts', replacement)

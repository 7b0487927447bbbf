import { replaceModule } from './replace-module.ts'

const replacement = new URL('./accepts-too-early.ts', import.meta.url)
replaceModule('services/chat/src/domain/envelopes/accept-batch.ts', replacement)

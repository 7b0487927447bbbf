// Writes THIRD_PARTY.md from package-lock.json: npm run third-party.
import { writeFileSync } from 'node:fs'
import { renderThirdParty } from './supply-chain/third-party.ts'

writeFileSync(new URL('../THIRD_PARTY.md', import.meta.url), renderThirdParty())

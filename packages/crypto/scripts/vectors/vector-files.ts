import { contentVectors } from './contents.ts'
import { deviceNameVectors } from './device-names.ts'
import { identityVectors } from './identities.ts'
import { ecdhMessageVectors } from './messages-ecdh.ts'
import { rsaMessageVectors } from './messages-rsa.ts'
import { boxVectors, recoveryCodeVectors, wrapVectors } from './sealed.ts'
import { statementVectors } from './statements/statements.ts'

/** The names and texts of all files. */
export function vectorFiles(): [name: string, text: string][] {
  const files = {
    'boxes.json': boxVectors(),
    'contents.json': contentVectors(),
    'device-names.json': deviceNameVectors(),
    'identities.json': identityVectors(),
    'messages-ecdh.json': ecdhMessageVectors(),
    'messages-rsa.json': rsaMessageVectors(),
    'recovery-codes.json': recoveryCodeVectors(),
    'statements.json': statementVectors(),
    'wraps.json': wrapVectors(),
  }
  return Object.entries(files).map(([name, file]) => [name, `${JSON.stringify(file, null, 1)}\n`])
}

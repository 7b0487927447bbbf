// Everything that a Sotto on one machine needs, whatever processes it consists of.
export { acmeSettingsOf, acmeVariables, publicUrlOf } from './certificates/acme-variables.ts'
export {
  type AutomaticCertificate,
  startAutomaticCertificate,
} from './certificates/automatic-certificate.ts'
export { webAppFolder } from './config.ts'
export { openLog } from './open-log.ts'
export { loadSecrets, type Secrets } from './secrets.ts'
export { portRefusal } from './taken-port.ts'

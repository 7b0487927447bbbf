import { secretVariable } from './strong-secret.ts'

/** A variable that holds a secret which travels in a header. */
export const secretInHeader = secretVariable.regex(
  /^[\w+/=.~-]{1,256}$/,
  'may have letters, digits and -_.~+/= only, at most 256; make one with: openssl rand -base64 32',
)

import { secretVariable } from './strong-secret.ts'

/** A variable with a secret that is sent in a header. */
export const secretInHeader = secretVariable.regex(
  /^[\w+/=.~-]{1,256}$/,
  'may contain only letters, digits and -_.~+/=, at most 256; make one with: openssl rand -base64 32',
)

import { readFileSync } from 'node:fs'
import { domainToASCII } from 'node:url'
import { ConfigError, isCertificates } from '@sotto/service-runtime'
import { z } from 'zod'

const LETS_ENCRYPT = 'https://acme-v02.api.letsencrypt.org/directory'
/**
 * Two or more labels, the last of which is not a number: a name that a public authority could
 * certify.
 */
const DOMAIN_NAME = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9-]{2,63}$/
const MAX_FILE_BYTES = 1_000_000

const domainWords = 'must be a domain name without https://, port or path, like chat.example.org'
const authorityWords =
  'must be certificates in PEM or the path of a file with them, like /etc/ssl/our-authority.pem'

/** The variables for certificates that Sotto obtains automatically. */
export const acmeVariables = {
  DOMAIN: z
    .string()
    .max(253, domainWords)
    .transform((name) => domainToASCII(name.toLowerCase()))
    .pipe(z.string().regex(DOMAIN_NAME, domainWords))
    .optional(),
  ACME_DIRECTORY: z
    .url({
      protocol: /^https$/,
      error: `must be the URL of an ACME directory, like ${LETS_ENCRYPT}`,
    })
    .default(LETS_ENCRYPT),
  ACME_EMAIL: z
    .string()
    .regex(/^[^\s@<>,]{1,64}@[^\s@<>,]{1,189}$/, 'must be an address like admin@example.org')
    .optional(),
  ACME_CA_CERTIFICATE: z
    .string()
    .transform(readPem)
    .pipe(z.string().refine(isCertificates, authorityWords))
    .optional(),
}

type Variables = z.output<z.ZodObject<typeof acmeVariables>>

/** The domain of the certificate, and its authority. */
export interface AcmeSettings {
  readonly domain: string
  /** The URL of the authority's directory. */
  readonly directory: string
  /** The address at which the authority may contact the operator. */
  readonly email: string | undefined
  /** PEM of the issuer of the authority's own certificate, if Node does not know it. */
  readonly authorityCertificate: string | undefined
}

/** The ACME settings from the environment; undefined if no certificate is needed. Throws `ConfigError`. */
export function acmeSettingsOf(variables: Variables): AcmeSettings | undefined {
  const { DOMAIN, ACME_DIRECTORY, ACME_EMAIL, ACME_CA_CERTIFICATE } = variables
  if (DOMAIN !== undefined) {
    return {
      domain: DOMAIN,
      directory: ACME_DIRECTORY,
      email: ACME_EMAIL,
      authorityCertificate: ACME_CA_CERTIFICATE,
    }
  }
  if (ACME_EMAIL !== undefined || ACME_CA_CERTIFICATE !== undefined) {
    throw new ConfigError('DOMAIN: must be set if ACME variables are, like DOMAIN=chat.example.org')
  }
  return undefined
}

/**
 * The address at which users reach the server of `domain`: `publicUrl` if given, which must have
 * that name. Throws `ConfigError`.
 */
export function publicUrlOf(
  domain: string,
  httpsPort: number,
  publicUrl: string | undefined,
): string {
  if (publicUrl === undefined) {
    return httpsPort === 443 ? `https://${domain}` : `https://${domain}:${httpsPort}`
  }
  const { protocol, hostname, origin } = new URL(publicUrl)
  if (protocol !== 'https:' || hostname !== domain) {
    throw new ConfigError(
      `PUBLIC_URL: must have the name in DOMAIN, like https://${domain}, which is also its default`,
    )
  }
  return origin
}

function readPem(value: string): string {
  if (value.includes('-----BEGIN')) return value
  try {
    const text = readFileSync(value, 'utf8')
    return text.length > MAX_FILE_BYTES ? '' : text
  } catch {
    return ''
  }
}

import { strictTransport } from './security-headers.ts'

/**
 * The lines that add headers to every answer of a location, including errors. A location with any
 * such line inherits none from its context, so each needs all of them. `isStrict` tells browsers to
 * insist on TLS.
 */
export function addHeaders(headers: Readonly<Record<string, string>>, isStrict: boolean): string[] {
  const all = { ...headers, ...(isStrict && { 'strict-transport-security': strictTransport }) }
  return Object.entries(all).map(([name, value]) => `add_header ${name} "${value}" always;`)
}

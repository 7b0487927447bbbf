import { strictTransport } from './security-headers.ts'

/**
 * The lines that add headers to every answer of a location, errors included. A location with one such
 * line has none of those around it, so each needs all. `isStrict`: browsers are to insist on TLS.
 */
export function addHeaders(headers: Readonly<Record<string, string>>, isStrict: boolean): string[] {
  const all = { ...headers, ...(isStrict && { 'strict-transport-security': strictTransport }) }
  return Object.entries(all).map(([name, value]) => `add_header ${name} "${value}" always;`)
}

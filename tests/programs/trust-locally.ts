import dns from 'node:dns'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

/**
 * In this process, resolves `name` to this machine and trusts certificates signed by `root`, as DNS
 * and the list of authorities do for everybody else.
 */
export function trustLocally(name: string, root: string): void {
  const { lookup } = dns
  const local = (host: string, ...rest: unknown[]) =>
    Reflect.apply(lookup, dns, [host === name ? '127.0.0.1' : host, ...rest])
  dns.lookup = Object.assign(local, { __promisify__: lookup.__promisify__ }) as typeof lookup
  setDefaultCACertificates([...getCACertificates('default'), root])
}

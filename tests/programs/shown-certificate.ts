import type { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:tls'

/**
 * The certificate that this machine presents at a port for `domain`: any certificate, or only one
 * that `root` has signed.
 */
export async function certificateAt(
  port: number,
  domain: string,
  root?: string,
): Promise<X509Certificate> {
  const trust = root === undefined ? { rejectUnauthorized: false } : { ca: root }
  const socket = connect({ port, host: '127.0.0.1', servername: domain, ...trust })
  try {
    await once(socket, 'secureConnect')
    const certificate = socket.getPeerX509Certificate()
    if (certificate === undefined) throw new Error('no certificate is shown')
    return certificate
  } finally {
    socket.destroy()
  }
}

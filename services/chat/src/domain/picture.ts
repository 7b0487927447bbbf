import { createHash } from 'node:crypto'
import { DomainError } from '@sotto/service-runtime'
import { MAX_PICTURE_BYTES } from '@sotto/wire'
import { bytesOf } from './statements.ts'

const PNG = Buffer.from('89504e470d0a1a0a', 'hex')
const JPEG = Buffer.from('ffd8ff', 'hex')
const RIFF = Buffer.from('RIFF')
const WEBP = Buffer.from('WEBP')

/** The bytes of a picture that a record names by its hash; throws when the two do not fit. */
export function parsePicture(picture: string | null, sha256: string | null): Uint8Array | null {
  if (picture === null && sha256 === null) return null
  const bytes = bytesOf(picture ?? '')
  const isNamed = bytes !== undefined && hash(bytes) === sha256
  if (!isNamed || bytes.length > MAX_PICTURE_BYTES || !isPicture(bytes)) {
    throw new DomainError('invalid_request', { field: 'body/picture' })
  }
  return bytes
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}

/** By the first bytes only: nothing here ever unpacks or renders a picture. */
function isPicture(bytes: Uint8Array): boolean {
  const startsWith = (magic: Buffer, at = 0) => magic.equals(bytes.subarray(at, at + magic.length))
  return startsWith(PNG) || startsWith(JPEG) || (startsWith(RIFF) && startsWith(WEBP, 8))
}

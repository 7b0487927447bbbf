import { createHash } from 'node:crypto'
import { DomainError } from '@sotto/service-runtime'
import { kindOfPicture } from '@sotto/wire'
import { bytesOf } from '../statements/statements.ts'

/** The bytes of the picture whose hash a record contains; throws if they do not match. */
export function parsePicture(picture: string | null, sha256: string | null): Uint8Array | null {
  if (picture === null && sha256 === null) return null
  const bytes = bytesOf(picture ?? '')
  const isNamed = bytes !== undefined && hash(bytes) === sha256
  if (!isNamed || kindOfPicture(bytes) === undefined) {
    throw new DomainError('invalid_request', { field: 'body/picture' })
  }
  return bytes
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url')
}

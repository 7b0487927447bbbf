import { decodeBase64url, encodeBase64url, hashPicture } from '@sotto/crypto'
import { Picture } from '@sotto/wire'
import { ClientError } from './errors.ts'

const DATA_URL = /^data:image\/(?:png|jpeg|webp);base64,([A-Za-z0-9+/]+={0,2})$/

/** The bytes of a `data:` URL as base64url. Throws `invalid_picture` or `too_large`. */
export function pictureOf(dataUrl: string): string {
  const base64 = DATA_URL.exec(dataUrl)?.[1]
  if (!base64) throw new ClientError('invalid_picture')
  const picture = base64.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_')
  if (!Picture.safeParse(picture).success) throw new ClientError('too_large', { path: 'picture' })
  return picture
}

/**
 * A picture as a `data:` URL, or null. Its type is read from its first bytes: what is neither PNG nor
 * JPEG nor WebP is not shown.
 */
export function pictureUrl(picture: string | null): string | null {
  const type = picture && typeOf(picture)
  if (!type) return null
  const base64 = picture.replaceAll('-', '+').replaceAll('_', '/')
  return `data:image/${type};base64,${base64.padEnd(Math.ceil(base64.length / 4) * 4, '=')}`
}

/** What a record says of a picture. */
export async function hashOfPicture(picture: string | null): Promise<string | null> {
  return picture === null ? null : hashPicture(decodeBase64url(picture))
}

// The first bytes of the formats, in base64url. WebP begins with RIFF and a length.
const TYPES = [
  [encodeBase64url(new Uint8Array([0x89, 0x50, 0x4e])), 'png'],
  [encodeBase64url(new Uint8Array([0xff, 0xd8, 0xff])), 'jpeg'],
  [encodeBase64url(new Uint8Array([0x52, 0x49, 0x46])), 'webp'],
] as const

function typeOf(picture: string) {
  return TYPES.find(([start]) => picture.startsWith(start))?.[1]
}

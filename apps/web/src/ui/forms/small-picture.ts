import { measurePicture } from '@sotto/wire'

const SIDE = 256
const MAX_BYTES = 64 * 1024
/** What is opened to be made small; the largest cameras of phones stay below both. */
const MAX_CHOSEN_BYTES = 64 * 1024 * 1024
const MAX_CHOSEN_PIXELS = 128_000_000
const qualities = [0.86, 0.72, 0.55, 0.4, 0.25]

/**
 * The middle square of a picture at 256 pixels, as a `data:` URL of at most 64 KiB. Drawing it anew also
 * drops everything a camera writes into a file, such as the place. Throws when it is no PNG, JPEG or WebP, or
 * one that would become too large in memory: somebody may have been sent such a file.
 */
export async function smallPicture(file: Blob): Promise<string> {
  if (!(await mayBeDecoded(file))) throw new TypeError('no picture, or too large a one')
  const bitmap = await createImageBitmap(file)
  const canvas = document.createElement('canvas')
  canvas.width = SIDE
  canvas.height = SIDE
  const side = Math.min(bitmap.width, bitmap.height)
  const context = canvas.getContext('2d')
  if (!context) throw new TypeError('this browser draws no pictures')
  context.imageSmoothingQuality = 'high'
  const [left, top] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2]
  context.drawImage(bitmap, left, top, side, side, 0, 0, SIDE, SIDE)
  bitmap.close()
  return dataUrlOf(await smallEnough(canvas))
}

async function mayBeDecoded(file: Blob): Promise<boolean> {
  if (file.size > MAX_CHOSEN_BYTES) return false
  const measured = measurePicture(new Uint8Array(await file.arrayBuffer()))
  return measured !== undefined && measured.width * measured.height <= MAX_CHOSEN_PIXELS
}

async function smallEnough(canvas: HTMLCanvasElement): Promise<Blob> {
  for (const quality of qualities) {
    // A browser that cannot write WebP answers with PNG, which has no quality: then JPEG.
    const webp = await encoded(canvas, 'image/webp', quality)
    const blob = webp.type === 'image/webp' ? webp : await encoded(canvas, 'image/jpeg', quality)
    if (blob.size <= MAX_BYTES) return blob
  }
  throw new TypeError('this picture does not become small enough')
}

function encoded(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new TypeError('no picture')))
    canvas.toBlob(done, type, quality)
  })
}

function dataUrlOf(blob: Blob): Promise<string> {
  const reader = new FileReader()
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(blob)
  })
}

import { measurePicture } from '@sotto/wire'

const SIDE = 256
const MAX_BYTES = 64 * 1024
/** The limits for a picture to scale down; pictures from the largest phone cameras stay below both. */
const MAX_CHOSEN_BYTES = 64 * 1024 * 1024
const MAX_CHOSEN_PIXELS = 128_000_000
const qualities = [0.86, 0.72, 0.55, 0.4, 0.25]

/**
 * The center square of a picture at 256 pixels, as a `data:` URL of at most 64 KiB. Redrawing it also drops everything
 * that a camera writes into a file, such as the location. Throws if it isn't a PNG, JPEG or WebP, or would become too
 * large in memory: someone may have sent the person such a file.
 */
export async function smallPicture(file: Blob): Promise<string> {
  if (!(await mayBeDecoded(file))) throw new TypeError('This is not a picture, or it is too large.')
  const bitmap = await createImageBitmap(file)
  const canvas = document.createElement('canvas')
  canvas.width = SIDE
  canvas.height = SIDE
  const side = Math.min(bitmap.width, bitmap.height)
  const context = canvas.getContext('2d')
  if (!context) throw new TypeError('This browser cannot draw pictures.')
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
    // A browser that can't write WebP returns PNG, which has no quality setting: use JPEG then.
    const webp = await encoded(canvas, 'image/webp', quality)
    const blob = webp.type === 'image/webp' ? webp : await encoded(canvas, 'image/jpeg', quality)
    if (blob.size <= MAX_BYTES) return blob
  }
  throw new TypeError('This picture cannot be made small enough.')
}

function encoded(canvas: HTMLCanvasElement, type: string, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) =>
      blob ? resolve(blob) : reject(new TypeError('This browser could not encode the picture.'))
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

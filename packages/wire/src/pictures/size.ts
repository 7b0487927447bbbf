/** What a picture becomes when it is decoded, in pixels, as its header says. */
export interface Size {
  readonly width: number
  readonly height: number
}

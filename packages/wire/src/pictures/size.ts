/** The size of a decoded picture in pixels, as its header declares it. */
export interface Size {
  readonly width: number
  readonly height: number
}

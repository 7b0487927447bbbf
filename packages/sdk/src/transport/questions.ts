/** The number of a question to the server. Later questions have higher numbers. */
export type Asked = number

/** Marks what the server sent without being asked. It may be of any age. */
export const UNASKED: Asked = -1

/**
 * Numbers this device's questions, because answers may arrive out of order. An answer older than something learned
 * after its question isn't a lie: the server may not have known that yet.
 */
export class Questions {
  #asked = 0

  /** The number of a question that is being sent now. Its answer is applied with this number. */
  ask(): Asked {
    this.#asked += 1
    return this.#asked
  }

  /** The number of the latest question. */
  get last(): Asked {
    return this.#asked
  }
}

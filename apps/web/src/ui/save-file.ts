/** Offers `text` to the person as a file with this name. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has read the content by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

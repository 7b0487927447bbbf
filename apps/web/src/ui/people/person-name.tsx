/** A name as text, isolated from the direction of the surrounding text. */
export function PersonName({ name }: { name: string }) {
  return <bdi>{name}</bdi>
}

/** `1,234,567` of a whole number; without `Intl`, whose first number takes 10 to 25 ms in which nothing else runs. */
export function grouped(n: number): string {
  return n.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
}

// What a visitor has picked.

import { request } from "./client";

export class Cart {
  private prices: number[] = [];

  add(price: number): void {
    this.prices.push(price);
  }

  total(): number {
    return this.prices.reduce((sum, price) => sum + price, 0);
  }

  async checkout(): Promise<void> {
    await request("/orders", { prices: this.prices, total: this.total() });
  }
}

// The one page of the shop.

import { Cart } from "./cart";
import { loadProfile, type Profile } from "./client";

const cart = new Cart();

function Greeting({ profile }: { profile: Profile }) {
  return <h1>Hello, {profile.name}</h1>;
}

export async function Page(name: string) {
  const profile = await loadProfile(name);
  return (
    <main>
      <Greeting profile={profile} />
      <button onClick={() => cart.add(3.5)}>Take one</button>
      <button onClick={() => cart.checkout()}>Buy</button>
    </main>
  );
}
